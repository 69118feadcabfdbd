package apigw

import (
	"encoding/base64"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apigw/strict"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// MaxBody is the maximum size of a decoded request body, in bytes.
const MaxBody = 256 << 10

// readBody decodes the event's body into into. If into has no fields, it checks
// that there is no body.
func readBody(event events.APIGatewayProxyRequest, into any) error {
	if reflect.TypeOf(into).Elem() == reflect.TypeFor[none]() {
		return requireEmpty(event)
	}
	if event.Body == "" && Omissible(reflect.TypeOf(into).Elem()) {
		return nil
	}
	if form, ok := into.(canonical.Form); ok {
		return readForm(event, form)
	}
	text, err := rawBody(event)
	if err != nil {
		return err
	}
	return apikey.InvalidError(strict.Decode(text, into)...)
}

// formMedia is the media type of a form.
const formMedia = "application/x-www-form-urlencoded"

// MediaOf returns the media type of a request's body.
func MediaOf(body reflect.Type) string {
	if reflect.PointerTo(body).Implements(reflect.TypeFor[canonical.Form]()) {
		return formMedia
	}
	return "application/json"
}

// readForm decodes a body that must be a form.
func readForm(event events.APIGatewayProxyRequest, into canonical.Form) error {
	if event.Body != "" {
		if err := checkMediaType(event, formMedia); err != nil {
			return err
		}
	}
	text, err := bodyOf(event)
	if err != nil {
		return err
	}
	sent, err := url.ParseQuery(string(text))
	if err != nil {
		return invalid(strict.Body, apikey.FieldValue, "The body is not a form.")
	}
	return apikey.InvalidError(into.ReadForm(sent)...)
}

// Omissible reports whether a request may leave out a body of that type, and then
// gets what {} gets.
func Omissible(body reflect.Type) bool {
	return body.Implements(reflect.TypeFor[canonical.Omissible]())
}

// rawBody returns the bytes of a JSON body.
func rawBody(event events.APIGatewayProxyRequest) ([]byte, error) {
	if event.Body == "" {
		return nil, invalid(strict.Body, apikey.FieldRequired, "Send JSON as the body.")
	}
	media := []string{"application/json"}
	if event.HTTPMethod == http.MethodPatch {
		media = append(media, "application/merge-patch+json") // RFC 7396, which a patch is
	}
	if err := checkMediaType(event, media...); err != nil {
		return nil, err
	}
	return bodyOf(event)
}

// requireEmpty returns an error unless the body is empty or {}, which some
// clients send instead.
func requireEmpty(event events.APIGatewayProxyRequest) error {
	if event.Body == "" {
		return nil
	}
	text, err := bodyOf(event)
	if err != nil || len(strict.Decode(text, new(none))) > 0 {
		return invalid(strict.Body, apikey.FieldValue, "This operation takes no body. Send none.")
	}
	return nil
}

// checkMediaType returns an error unless the body is declared as one of the media
// types, in UTF-8 and not compressed.
func checkMediaType(event events.APIGatewayProxyRequest, media ...string) error {
	const contentType, contentEncoding = "Content-Type", "Content-Encoding"
	if types := headerValues(event, contentType); len(types) != 1 || !isMedia(types[0], media) {
		return unsupported(contentType, media[0])
	}
	encodings := headerValues(event, contentEncoding)
	if len(encodings) > 1 || len(encodings) == 1 && !strings.EqualFold(encodings[0], "identity") {
		return unsupported(contentEncoding, media[0])
	}
	return nil
}

// isMedia reports whether a Content-Type means one of the media types, in UTF-8.
func isMedia(contentType string, wanted []string) bool {
	media, parameters, err := mime.ParseMediaType(contentType)
	charset, declared := parameters["charset"]
	unicode := len(parameters) == 0 || len(parameters) == 1 && declared && strings.EqualFold(charset, "utf-8")
	return err == nil && unicode && slices.Contains(wanted, media)
}

func unsupported(header, media string) error {
	return refusal{canonical.UnsupportedMediaType, "Send the header Content-Type: " + media + "; the body is UTF-8 and not compressed.", header, apikey.FieldValue}
}

// bodyOf returns the body's bytes. The gateway encodes a body in base64 if the
// API declares its media type as binary.
func bodyOf(event events.APIGatewayProxyRequest) ([]byte, error) {
	text, limit := event.Body, MaxBody
	if event.IsBase64Encoded {
		limit = base64.StdEncoding.EncodedLen(MaxBody)
	}
	if len(text) > limit {
		return nil, tooLarge()
	}
	if !event.IsBase64Encoded {
		return []byte(text), checkReplaced(text)
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") {
		return nil, invalid(strict.Body, apikey.FieldValue, "The body is not valid base64.")
	}
	if len(raw) > MaxBody {
		return nil, tooLarge()
	}
	return raw, nil
}

// checkReplaced refuses a body in which the gateway replaced invalid UTF-8 with
// U+FFFD: a name would differ from the one that was sent. A caller who means
// that character can write it as an escape.
func checkReplaced(text string) error {
	if !strings.ContainsRune(text, utf8.RuneError) {
		return nil
	}
	return invalid(strict.Body, apikey.FieldCharacters, "The body is not valid UTF-8.")
}
