namespace Mneme.Language; internal static class Marker;
