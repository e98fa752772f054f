using System.Collections;
using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using Mneme.Platform.Domain;

namespace Mneme.Platform.Http;

/// <summary>
/// Validates request records by their data annotations, nested records and lists included, and names each field as it stands in the JSON.
/// The same annotations appear as limits in the API description.
/// </summary>
public static class RequestValidation
{
    private static readonly ConcurrentDictionary<Type, ValidatedProperty[]> Properties = new();

    /// <returns>A problem that lists every invalid field, or null.</returns>
    public static Problem? Validate(object request)
    {
        Dictionary<string, List<string>>? errors = null;
        Validate(request, "", ref errors);
        return errors is null ? null : Problem.Invalid(errors.ToDictionary(e => e.Key, e => e.Value.ToArray(), StringComparer.Ordinal));
    }

    /// <summary>Whether there is anything to validate in values of this type.</summary>
    public static bool AppliesTo(Type type) =>
        type.IsClass && type != typeof(string) && type.Assembly != typeof(object).Assembly && (PropertiesOf(type).Length > 0 || typeof(IValidatableObject).IsAssignableFrom(type));

    private static void Validate(object value, string path, ref Dictionary<string, List<string>>? errors)
    {
        foreach (var property in PropertiesOf(value.GetType()))
        {
            var propertyValue = property.Get(value);
            var name = path + property.JsonName;
            foreach (var attribute in property.Attributes)
            {
                var context = new ValidationContext(value) { MemberName = property.Name, DisplayName = property.JsonName };
                if (attribute.GetValidationResult(propertyValue, context) is { ErrorMessage: { } message })
                    Add(ref errors, name, message);
            }

            if (!property.IsNested)
                continue;
            if (propertyValue is IEnumerable items)
            {
                var index = 0;
                foreach (var item in items)
                {
                    if (item is null)
                        Add(ref errors, $"{name}[{index}]", "is required.");
                    else
                        Validate(item, $"{name}[{index}].", ref errors);
                    index++;
                }
            }
            else if (propertyValue is not null)
            {
                Validate(propertyValue, name + ".", ref errors);
            }
        }

        if (value is not IValidatableObject validatable)
            return;
        foreach (var result in validatable.Validate(new ValidationContext(value)))
        {
            foreach (var member in result.MemberNames.DefaultIfEmpty(""))
                Add(ref errors, path + JsonNamingPolicy.CamelCase.ConvertName(member), result.ErrorMessage ?? "is not valid.");
        }
    }

    private static void Add(ref Dictionary<string, List<string>>? errors, string field, string message)
    {
        errors ??= new Dictionary<string, List<string>>(StringComparer.Ordinal);
        if (!errors.TryGetValue(field, out var messages))
            errors[field] = messages = [];
        messages.Add(message);
    }

    private static ValidatedProperty[] PropertiesOf(Type type) => Properties.GetOrAdd(type, static t =>
    {
        // A positional record's annotations stand on its constructor's parameters.
        var parameters = t.GetConstructors().OrderByDescending(c => c.GetParameters().Length).FirstOrDefault()?.GetParameters() ?? [];
        return [.. t.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0)
            .Select(property => new ValidatedProperty(
                property,
                [.. property.GetCustomAttributes<ValidationAttribute>(),
                 .. parameters.FirstOrDefault(p => p.Name == property.Name)?.GetCustomAttributes<ValidationAttribute>() ?? []]))
            .Where(property => property.Attributes.Length > 0 || property.IsNested)];
    });

    private sealed class ValidatedProperty(PropertyInfo property, ValidationAttribute[] attributes)
    {
        public string Name => property.Name;

        public string JsonName { get; } = JsonNamingPolicy.CamelCase.ConvertName(property.Name);

        public ValidationAttribute[] Attributes { get; } = attributes;

        public bool IsNested { get; } = IsOurs(property.PropertyType) || property.PropertyType.GetInterfaces().Prepend(property.PropertyType)
            .Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEnumerable<>) && IsOurs(i.GetGenericArguments()[0]));

        public object? Get(object instance) => property.GetValue(instance);

        private static bool IsOurs(Type type) => type is { IsClass: true, Namespace: { } name } && name.StartsWith("Mneme", StringComparison.Ordinal);
    }
}
