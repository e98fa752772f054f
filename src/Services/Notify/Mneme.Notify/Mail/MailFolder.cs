using System.Globalization;
using Mneme.Notify.Domain;
using Mneme.Platform.Configuration;

namespace Mneme.Notify.Mail;

/// <summary>Where mails go without a mail server: files that any mail program opens, named so that they sort by time. Only the program's own user can read them.</summary>
internal sealed class MailFolder(DataOptions data) : IMailTransport
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _folder = Path.GetFullPath(Path.Combine(data.Folder, "mail"));

    /// <summary>The same for every attempt at a notification.</summary>
    public static string FileName(Guid notificationId, DateTimeOffset createdAt) =>
        string.Create(CultureInfo.InvariantCulture, $"{createdAt.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}-{notificationId:n}.eml");

    public async Task<string?> SendAsync(MimeMessage message, CancellationToken ct)
    {
        var name = FileName(message.Id, message.CreatedAt);
        var partial = Path.Combine(_folder, name + ".partial");
        try
        {
            Directory.CreateDirectory(_folder, OwnerOnly | UnixFileMode.UserExecute);
            await using (var file = new FileStream(partial, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
            {
                await file.WriteAsync(message.ToBytes(), ct);
                file.Flush(flushToDisk: true);
            }

            // Whole or not at all.
            File.Move(partial, Path.Combine(_folder, name), overwrite: true);
            return name;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MailDelayedException($"The mail could not be written to the folder mail: {e.Message}", e);
        }
    }

    /// <returns>The message; null if the file is gone.</returns>
    public string? Read(string name)
    {
        try
        {
            return File.ReadAllText(Path.Combine(_folder, name));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public void Delete(string name)
    {
        foreach (var path in new[] { Path.Combine(_folder, name), Path.Combine(_folder, name + ".partial") })
        {
            if (File.Exists(path))
                File.Delete(path);
        }
    }
}
