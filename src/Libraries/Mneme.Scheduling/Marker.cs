namespace Mneme.Scheduling; internal static class Marker;
