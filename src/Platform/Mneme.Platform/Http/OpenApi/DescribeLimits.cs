using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Mneme.Platform.Http.OpenApi;

/// <summary>
/// The limits that <see cref="RequestValidation"/> enforces, in the schema: also those that stand on the parameters of a positional record, which the
/// library does not look at.
/// </summary>
internal sealed class DescribeLimits : IOpenApiSchemaTransformer
{
    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        RestoreText(schema, context);
        if (context.JsonPropertyInfo is { } property)
        {
            foreach (var attribute in Attributes(property))
                Apply(attribute, schema);
        }

        return Task.CompletedTask;
    }

    /// <summary>Strings and enums pass converters of ours, behind which the library cannot see that they are text, nor that a list holds it.</summary>
    private static void RestoreText(OpenApiSchema schema, OpenApiSchemaTransformerContext context)
    {
        var type = context.JsonTypeInfo.Type;
        if (type == typeof(string))
        {
            var isNullable = context.JsonPropertyInfo is { } property && (property.IsGetNullable || property.IsSetNullable);
            schema.Type = isNullable ? JsonSchemaType.String | JsonSchemaType.Null : JsonSchemaType.String;
        }
        else if ((Nullable.GetUnderlyingType(type) ?? type).IsEnum)
        {
            schema.Type = Nullable.GetUnderlyingType(type) is null ? JsonSchemaType.String : JsonSchemaType.String | JsonSchemaType.Null;
        }
        else if (context.JsonTypeInfo.ElementType == typeof(string))
        {
            var text = new OpenApiSchema { Type = JsonSchemaType.String };
            if (context.JsonTypeInfo.Kind == JsonTypeInfoKind.Dictionary)
                schema.AdditionalProperties = text;
            else
                schema.Items = text;
        }
    }

    private static IEnumerable<Attribute> Attributes(JsonPropertyInfo property)
    {
        var onProperty = property.AttributeProvider?.GetCustomAttributes(inherit: true) ?? [];
        var onParameter = property.AssociatedParameter?.AttributeProvider?.GetCustomAttributes(inherit: true) ?? [];
        return onProperty.Concat(onParameter).OfType<Attribute>();
    }

    private static void Apply(Attribute attribute, OpenApiSchema schema)
    {
        var isArray = schema.Type?.HasFlag(JsonSchemaType.Array) == true;
        switch (attribute)
        {
            case DescriptionAttribute description:
                schema.Description = description.Description;
                break;
            case RequiredAttribute { AllowEmptyStrings: false } when schema.Type?.HasFlag(JsonSchemaType.String) == true && schema.Format is null:
                schema.MinLength ??= 1;
                break;
            case StringLengthAttribute length:
                schema.MaxLength = length.MaximumLength;
                if (length.MinimumLength > 0)
                    schema.MinLength = length.MinimumLength;
                break;
            case LengthAttribute length:
                Limit(schema, isArray, length.MinimumLength, length.MaximumLength);
                break;
            case MaxLengthAttribute maximum:
                Limit(schema, isArray, null, maximum.Length);
                break;
            case MinLengthAttribute minimum:
                Limit(schema, isArray, minimum.Length, null);
                break;
            case RangeAttribute range when range.OperandType.IsPrimitive:
                schema.Minimum = Convert.ToString(range.Minimum, CultureInfo.InvariantCulture);
                schema.Maximum = Convert.ToString(range.Maximum, CultureInfo.InvariantCulture);
                break;
            case RegularExpressionAttribute pattern:
                schema.Pattern = pattern.Pattern;
                break;
            case EmailAddressAttribute:
                schema.Format = "email";
                break;
            case UrlAttribute:
                schema.Format = "uri";
                break;
            case ItemLengthAttribute items when schema.Items is OpenApiSchema item:
                item.MinLength = items.Minimum;
                item.MaxLength = items.Maximum;
                break;
        }
    }

    private static void Limit(OpenApiSchema schema, bool isArray, int? minimum, int? maximum)
    {
        if (isArray)
            (schema.MinItems, schema.MaxItems) = (minimum ?? schema.MinItems, maximum ?? schema.MaxItems);
        else
            (schema.MinLength, schema.MaxLength) = (minimum ?? schema.MinLength, maximum ?? schema.MaxLength);
    }
}
