package apigw

import (
	"encoding/base64"
	"mime"
	"net/http"
	"reflect"
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
	text, err := rawBody(event)
	if err != nil {
		return err
	}
	return apikeyInvalid(strict.Decode(text, into))
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
	if err := checkMediaType(event); err != nil {
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

// checkMediaType returns an error unless the body is declared as uncompressed
// JSON in UTF-8.
func checkMediaType(event events.APIGatewayProxyRequest) error {
	const contentType, contentEncoding = "Content-Type", "Content-Encoding"
	patch := event.HTTPMethod == http.MethodPatch
	if types := headerValues(event, contentType); len(types) != 1 || !isJSON(types[0], patch) {
		return unsupported(contentType)
	}
	encodings := headerValues(event, contentEncoding)
	if len(encodings) > 1 || len(encodings) == 1 && !strings.EqualFold(encodings[0], "identity") {
		return unsupported(contentEncoding)
	}
	return nil
}

// isJSON reports whether a Content-Type means JSON in UTF-8. A patch may also be
// declared as a merge patch (RFC 7396), which it is.
func isJSON(contentType string, patch bool) bool {
	media, parameters, err := mime.ParseMediaType(contentType)
	charset, declared := parameters["charset"]
	unicode := len(parameters) == 0 || len(parameters) == 1 && declared && strings.EqualFold(charset, "utf-8")
	known := media == "application/json" || patch && media == "application/merge-patch+json"
	return err == nil && known && unicode
}

func unsupported(header string) error {
	return refusal{canonical.UnsupportedMediaType, "Send application/json, in UTF-8 and not compressed.", header, apikey.FieldValue}
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
