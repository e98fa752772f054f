using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Mneme.IntegrationTests.Support;

/// <summary>Keeps what is logged, as <c>Warning: text</c>.</summary>
public sealed class LogRecorder : ILogger, ILoggerProvider
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue($"{logLevel}: {formatter(state, exception)}");

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public ILogger CreateLogger(string categoryName) => this;

    public void Dispose()
    {
        // Nothing is held.
    }
}
