using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Mneme.Identity.Infrastructure;
using Mneme.Platform.Configuration;

namespace Mneme.UnitTests.Identity;

public sealed class KeyTests : IDisposable
{
    // RFC 7515, appendix A.3.
    private const string RfcX = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    private const string RfcY = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
    private const string RfcContent = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    private const string RfcSignature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    private readonly string _folder = Directory.CreateTempSubdirectory("mneme-keys-").FullName;

    [Fact]
    public void The_standards_ES256_example_verifies_as_our_tokens_do()
    {
        using var key = RfcKey();
        var content = Encoding.ASCII.GetBytes(RfcContent);
        var signature = Base64Url.DecodeFromChars(RfcSignature);
        key.VerifyData(content, signature, HashAlgorithmName.SHA256, AccessTokens.SignatureFormat).ShouldBeTrue();
        signature[10] ^= 1;
        key.VerifyData(content, signature, HashAlgorithmName.SHA256, AccessTokens.SignatureFormat).ShouldBeFalse();
    }

    [Fact]
    public void A_key_is_published_with_the_coordinates_of_the_standards_example()
    {
        using var key = RfcKey();
        var jwk = Mneme.Identity.Features.Jwk.Of(new SigningKey("id", key, CanSign: false, default, default, default));
        (jwk.Kty, jwk.Crv, jwk.X, jwk.Y, jwk.Use, jwk.Alg, jwk.Kid).ShouldBe(("EC", "P-256", RfcX, RfcY, "sig", "ES256", "id"));
    }

    [Fact]
    public void A_keys_name_is_the_hash_of_its_required_members()
    {
        // Computed with sha256sum and base64 from RFC 7638's canonical form of the key above.
        using var key = RfcKey();
        KeyRing.Thumbprint(key.ExportParameters(includePrivateParameters: false)).ShouldBe("oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
    }

    [Fact]
    public void The_key_file_is_for_its_owner_only_and_the_same_the_next_time()
    {
        var first = Open();
        var second = Open();
        second.Id.ShouldBe(first.Id);
        var file = Path.Combine(_folder, "keys", "identity.key");
        File.ReadAllBytes(file).Length.ShouldBe(32);
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.GetUnixFileMode(Path.Combine(_folder, "keys")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Directory.GetFiles(Path.Combine(_folder, "keys")).ShouldBe([file]);
    }

    [Fact]
    public async Task Of_many_who_make_the_key_file_at_once_all_read_the_same()
    {
        const int Instances = 8;
        for (var round = 0; round < 50; round++)
        {
            var folder = Path.Combine(_folder, round.ToString(System.Globalization.CultureInfo.InvariantCulture));
            using var start = new Barrier(Instances);
            var ids = await Task.WhenAll(Enumerable.Range(0, Instances).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    return new KeyFile(new DataOptions { Folder = folder }).Id;
                },
                TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
            ids.Distinct().Count().ShouldBe(1);
            Directory.GetFiles(Path.Combine(folder, "keys")).Length.ShouldBe(1);
        }
    }

    [Fact]
    public void What_is_protected_opens_with_the_same_file_and_name_only()
    {
        var file = Open();
        var secret = file.Protect("secret"u8, "name");
        file.Unprotect(secret, "name").ShouldBe("secret"u8.ToArray());
        Should.Throw<CryptographicException>(() => file.Unprotect(secret, "another name"));
        secret[^1] ^= 1;
        Should.Throw<CryptographicException>(() => file.Unprotect(secret, "name"));
        Should.Throw<CryptographicException>(() => file.Unprotect([1, 2, 3], "name"));
    }

    [Fact]
    public void A_damaged_key_file_is_named_and_not_replaced()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "keys"));
        File.WriteAllText(Path.Combine(_folder, "keys", "identity.key"), "x");
        Should.Throw<InvalidOperationException>(Open).Message.ShouldContain("identity.key");
        File.ReadAllText(Path.Combine(_folder, "keys", "identity.key")).ShouldBe("x");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static ECDsa RfcKey() => ECDsa.Create(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = new ECPoint { X = Base64Url.DecodeFromChars(RfcX), Y = Base64Url.DecodeFromChars(RfcY) },
    });

    private KeyFile Open() => new(new DataOptions { Folder = _folder });
}
