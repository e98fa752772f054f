using System.ComponentModel.DataAnnotations;

namespace Mneme.Platform.Http;

/// <summary>Limits each string of a list, as <see cref="StringLengthAttribute"/> limits one.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Parameter)]
public sealed class ItemLengthAttribute(int minimum, int maximum) : ValidationAttribute
{
    public int Minimum => minimum;

    public int Maximum => maximum;

    public override bool IsValid(object? value) =>
        value is not IEnumerable<string?> items || items.All(item => item is not null && item.Length >= minimum && item.Length <= maximum);

    public override string FormatErrorMessage(string name) => $"Each item of {name} must have {minimum} to {maximum} characters.";
}
