using System.ComponentModel.DataAnnotations;

namespace Mneme.Study.Features;

/// <summary>A text that is given, and each of a list of texts, must say something. Unlike <see cref="RequiredAttribute"/> it allows null.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
internal sealed class NotBlankAttribute : ValidationAttribute
{
    public override bool IsValid(object? value) => value switch
    {
        string text => !string.IsNullOrWhiteSpace(text),
        IEnumerable<string?> texts => texts.All(text => !string.IsNullOrWhiteSpace(text)),
        _ => true,
    };

    public override string FormatErrorMessage(string name) => $"The {name} field must not be blank.";
}
