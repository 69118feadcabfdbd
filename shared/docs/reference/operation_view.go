package reference

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/keyward/keyward/shared/operations"
)

// operationView is an operation as a page shows it.
type operationView struct {
	ID, Method, Path string
	// Title is the first sentence of the summary, Text the others.
	Title, Text, Description string
	Public                   bool
	Parameters               []parameterView
	Body                     *bodyView
	Answers                  []answerView
	Curl                     string
	// Errors are the statuses of errors.
	Errors []string
}

type parameterView struct {
	fieldView
	In string
}

// bodyView is the body of a request or an answer.
type bodyView struct {
	Media    string
	Required bool
	Fields   []fieldView
	Example  string
}

type answerView struct {
	Status, Description string
	Headers             []fieldView
	Body                *bodyView
}

func (d document) operation(path, method string, o operation) operationView {
	title, text, _ := strings.Cut(o.Summary, ". ")
	v := operationView{
		ID: o.OperationID, Method: strings.ToUpper(method), Path: path, Title: title, Description: o.Description,
		Public: o.Security != nil && len(*o.Security) == 0,
	}
	if text != "" {
		v.Text = strings.TrimSuffix(text, ".") + "."
	}
	for _, p := range o.Parameters {
		v.Parameters = append(v.Parameters, parameterView{fieldView{p.Name, d.kind(p.Schema), p.Required, p.Description, nil}, p.In})
	}
	if o.RequestBody != nil {
		v.Body = d.body(o.RequestBody.Content)
		v.Body.Required = o.RequestBody.Required
	}
	for _, r := range o.Responses {
		if r.Value.Ref != "" {
			v.Errors = append(v.Errors, r.Name)
			continue
		}
		answer := answerView{Status: r.Name, Description: r.Value.Description}
		for _, h := range r.Value.Headers {
			answer.Headers = append(answer.Headers, fieldView{Name: h.Name, Kind: "header", Required: h.Value.Required, Description: h.Value.Description})
		}
		if len(r.Value.Content) > 0 {
			answer.Body = d.body(r.Value.Content)
		}
		v.Answers = append(v.Answers, answer)
	}
	v.Curl = curl(v, d.example(o))
	return v
}

// body returns the first of the contents, which is the usual one.
func (d document) body(all ordered[content]) *bodyView {
	return &bodyView{Media: all[0].Name, Fields: d.fields(all[0].Value.Schema), Example: indented(all[0].Value.Example)}
}

func (d document) example(o operation) json.RawMessage {
	if o.RequestBody == nil {
		return nil
	}
	return o.RequestBody.Content[0].Value.Example
}

func indented(example json.RawMessage) string {
	var text bytes.Buffer
	if json.Indent(&text, example, "", "  ") != nil {
		return ""
	}
	return text.String()
}

// curl returns a command that sends the operation's request.
func curl(v operationView, example json.RawMessage) string {
	line := "curl"
	if !v.Public {
		line += ` --user "$KEYWARD_API_KEY:"`
	}
	line += ` "$KEYWARD_URL` + strings.ReplaceAll(v.Path, "{id}", "$ID") + `"`
	plain := map[bool]string{true: "POST", false: "GET"}[example != nil]
	if v.Method != plain {
		line += " -X " + v.Method
	}
	for _, p := range v.Parameters {
		if p.In == "header" && p.Required {
			line += " \\\n  -H '" + p.Name + ": ...'"
		}
	}
	if example == nil {
		return line
	}
	if v.Body.Media != "application/json" {
		return line + " \\\n  --data '" + form(example) + "'"
	}
	var compact bytes.Buffer
	_ = json.Compact(&compact, example) // the document is JSON
	return line + " \\\n  --json '" + strings.ReplaceAll(compact.String(), "'", `'\''`) + "'"
}

// form returns an example of a form as it is sent.
func form(example json.RawMessage) string {
	var fields map[string]string
	_ = json.Unmarshal(example, &fields) // the document is JSON
	values := url.Values{}
	for name, value := range fields {
		values.Set(name, value)
	}
	return values.Encode()
}

// groupView is the operations about one thing.
type groupView struct {
	ID, Title  string
	Operations []operationView
}

// titles are those of the groups that are not called as the first part of the path
// after the root.
var titles = map[string]string{
	"apikeys": "API keys", "api_keys": "API keys", "api_key": "API keys", "exposures": "Leaked keys", "verify": "Verifying keys", "introspect": "Verifying keys",
	"whoami": "Who am I", "audit-events": "Audit log", "openapi.json": "This document",
}

// title returns the title of the group of a path, given its first part after the
// root: "Audit events" for audit-events, unless [titles] has another.
func title(segment string) string {
	words := strings.NewReplacer("-", " ", "_", " ").Replace(segment)
	return cmp.Or(titles[segment], strings.ToUpper(words[:1])+words[1:])
}

// groups returns the operations of a dialect, in the order of the document.
func (d document) groups(dialect operations.Dialect) []groupView {
	var all []groupView
	root := map[operations.Dialect]int{operations.Canonical: 2, operations.Catena: 3, operations.Supermetrics: 3}[dialect]
	for _, item := range d.Paths {
		for _, o := range item.Value {
			if o.Value.Tags[0] != string(dialect) {
				continue
			}
			name := title(strings.Split(item.Name, "/")[root])
			i := slices.IndexFunc(all, func(g groupView) bool { return g.Title == name })
			if i < 0 {
				i, all = len(all), append(all, groupView{ID: "group-" + strconv.Itoa(len(all)+1), Title: name})
			}
			all[i].Operations = append(all[i].Operations, d.operation(item.Name, o.Name, o.Value))
		}
	}
	return all
}
