namespace Mneme.Capture.Pages;

/// <summary>A page was fetched and cannot be read. The message is for the person who captured it.</summary>
internal sealed class PageException(string message) : Exception(message);
