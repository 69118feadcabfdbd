package openapi

import (
	"cmp"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/keyward/keyward/shared/apigw"
	"github.com/keyward/keyward/shared/operations"
)

// described is one route with all that is known about it.
type described struct {
	op    operations.Operation
	route operations.Route
	apigw.Endpoint
	example recording
}

// id returns the operation's name; for a route of another dialect, the name in
// that dialect's document.
func (d described) id() string {
	switch {
	case d.route.Name != "":
		return d.route.Name
	case d.route.Dialect == operations.Canonical:
		return d.op.Name
	default:
		return string(d.route.Dialect) + "-" + d.op.Name
	}
}

func (d described) operation(named *schemas) object {
	o := object{{"operationId", d.id()}, {"tags", []operations.Dialect{d.route.Dialect}}, {"summary", cmp.Or(d.route.Summary, d.op.Summary)}}
	if d.op.Public {
		o = o.with("security", []object{})
	}
	o = o.with("description", strings.TrimSuffix(d.callers()+" "+d.Note, " "))
	if len(d.route.Permissions) > 0 {
		o = o.with("x-keyward-permissions", d.route.Permissions)
	}
	if parameters := d.parameters(); len(parameters) > 0 {
		o = o.with("parameters", parameters)
	}
	if d.Body != nil {
		named.request = true
		body := withExample(content(apigw.MediaOf(d.Body), named.of(d.Body)), d.example.request)
		if d.route.Method == http.MethodPatch {
			body = append(body, withExample(content("application/merge-patch+json", named.of(d.Body)), d.example.request)...)
		}
		o = o.with("requestBody", object{{"required", !apigw.Omissible(d.Body)}, {"content", body}})
		named.request = false
	}
	responses := object{{strconv.Itoa(d.route.Status), d.success(d.route.Status, named)}}
	if d.MayCreate != "" {
		responses = responses.with(strconv.Itoa(http.StatusCreated), d.success(http.StatusCreated, named))
	}
	if d.Unfinished != "" {
		responses = responses.with(strconv.Itoa(http.StatusAccepted), object{
			{"description", d.Unfinished}, {"content", withExample(content("application/json", named.of(d.Answer)), unfinished[d.op.Name])},
		})
	}
	for _, status := range d.faults() {
		responses = responses.with(strconv.Itoa(status), object{{"$ref", "#/components/responses/" + responseName(d.route.Dialect, status)}})
	}
	return o.with("responses", responses)
}

// callers returns a sentence on who may call the operation.
func (d described) callers() string {
	switch {
	case d.op.Public:
		return "Anybody can call this, without a key."
	case len(d.route.Permissions) > 0:
		return "The caller needs any one of: " + strings.Join(d.route.Permissions, ", ") + "."
	case len(d.route.Others) == 0:
		return "Every user can call this, and every key that is not limited to services."
	}
	self := ""
	if d.route.Self != "" {
		self = " A key with " + d.route.Self + " can call this for itself."
	}
	return "Every user can call this for their own personal keys." + self + " For other keys, the caller needs any one of: " + strings.Join(d.route.Others, ", ") + "."
}

func (d described) parameters() []object {
	var parameters []object
	if d.named() {
		schema := object{{"type", "string"}}
		if d.Subject.Format != "" {
			schema = schema.with("format", d.Subject.Format)
		}
		parameters = append(parameters, object{
			{"name", "id"}, {"in", "path"}, {"required", true}, {"description", "The id of a " + d.Subject.Name + "."}, {"schema", schema},
		})
	}
	if d.conditional() {
		parameters = append(parameters, object{
			{"name", "If-Match"}, {"in", "header"}, {"description", "The ETags of the versions that may be changed, separated by commas, or * for any existing version. Without this header, the version is not checked."},
			{"schema", object{{"type", "string"}}},
		})
	}
	if d.Repeatable {
		parameters = append(parameters, object{
			{"name", apigw.IdempotencyKey}, {"in", "header"},
			{"description", "Any text that is new to the caller, such as a UUID. For 24 hours the same request with the same text is not done again, but answered as before: for ten minutes with the whole key, then without it. It counts for this caller alone."},
			{"schema", object{{"type", "string"}, {"minLength", 1}, {"maxLength", apigw.MaxIdempotencyKey}, {"pattern", "^[!-~]+$"}}},
		})
	}
	if d.MayCreate != "" {
		parameters = append(parameters, object{
			{"name", "If-None-Match"}, {"in", "header"}, {"description", d.MayCreate},
			{"schema", object{{"type", "string"}, {"const", "*"}}},
		})
	}
	for _, p := range d.Headers {
		parameters = append(parameters, object{
			{"name", p.Name}, {"in", "header"}, {"required", true}, {"description", p.Description}, {"schema", object{{"type", "string"}}},
		})
	}
	for _, p := range d.Query {
		parameters = append(parameters, query(p))
	}
	return parameters
}

// query returns the description of a query parameter.
func query(p apigw.Parameter) object {
	o, schema := object{{"name", p.Name}, {"in", "query"}, {"description", p.Description}}, object{}
	for _, keyword := range p.Schema {
		schema = schema.with(keyword.Name, keyword.Value)
	}
	if p.Empty {
		o = o.with("allowEmptyValue", true)
	}
	return o.with("schema", schema)
}

func (d described) success(status int, named *schemas) object {
	response := object{{"description", http.StatusText(status)}}
	headers := object{}
	if d.Tagged {
		headers = headers.with("ETag", header("The version of the object in the body."))
	}
	if status == http.StatusCreated && d.route.Dialect == operations.Canonical {
		headers = headers.with("Location", header("The path of the new object."))
	}
	if d.Repeatable {
		headers = headers.with(apigw.IdempotentReplayed, object{
			{"description", "true in the answer to a repetition, which did nothing; absent from others."}, {"schema", object{{"type", "string"}, {"const", "true"}}},
		})
	}
	if d.SometimesTagged {
		headers = headers.with("ETag", object{
			{"description", "The version of the caller's key. Absent if the caller used an access token."}, {"schema", object{{"type", "string"}}},
		})
	}
	if len(headers) > 0 {
		response = response.with("headers", headers)
	}
	if d.Answer == nil || d.Unfinished != "" {
		return response
	}
	if d.Answer.Kind() == reflect.Interface {
		return response.with("content", withExample(content("application/json", object{{"type", "object"}}), d.example.answer))
	}
	schema := named.of(d.Answer)
	if d.Secret != "" {
		schema = object{{"allOf", []object{schema}}, {"required", []string{d.Secret}}}
	}
	body := content("application/json", schema)
	switch {
	case !slices.Contains(d.example.statuses, status):
	case status == http.StatusCreated && d.MayCreate != "":
		body = withExample(body, d.example.created)
	default:
		body = withExample(body, d.example.answer)
	}
	return response.with("content", body)
}

// faults returns the statuses of the operation's errors.
func (d described) faults() []int {
	statuses := []int{
		http.StatusBadRequest, http.StatusTooManyRequests,
		http.StatusInternalServerError, http.StatusServiceUnavailable,
	}
	if !d.op.Public {
		statuses = append(statuses, http.StatusUnauthorized, http.StatusForbidden)
	}
	if d.named() {
		statuses = append(statuses, http.StatusNotFound)
	}
	if d.conditional() {
		statuses = append(statuses, http.StatusPreconditionFailed)
	}
	if d.Body != nil {
		statuses = append(statuses, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if d.Body != nil || d.Conflicts || d.forcible() {
		statuses = append(statuses, http.StatusConflict)
	}
	if d.Repeatable {
		statuses = append(statuses, http.StatusUnprocessableEntity)
	}
	slices.Sort(statuses)
	return statuses
}

// named reports whether the path names one thing.
func (d described) named() bool { return strings.Contains(d.route.Path, "{id}") }

// forcible reports whether the operation refuses some changes without force.
func (d described) forcible() bool {
	return slices.ContainsFunc(d.Query, func(p apigw.Parameter) bool { return p.Name == apigw.ForceParameter })
}

// conditional reports whether the operation honors If-Match.
func (d described) conditional() bool {
	return d.route.Dialect == operations.Canonical && d.route.Conditional()
}
