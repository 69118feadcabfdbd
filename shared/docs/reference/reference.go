// Package reference makes the pages of the API reference: the operations, from the
// OpenAPI document, and a page about each error code. It runs at build time.
package reference

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"strings"

	"github.com/keyward/keyward/shared/operations"
)

//go:embed templates
var files embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{"marked": marked, "lower": strings.ToLower}).ParseFS(files, "templates/*.html"))

// page is what a template gets.
type page struct {
	Title string
	// Home is the way from the page to the folder of all pages, and Root to what is
	// above that.
	Home, Root string
	About      string
	Groups     []groupView
	Sections   []section
	Code       codeView
	Faults     []fault
}

// Pages returns the pages by the name of their file, for this OpenAPI document. It
// fails if a code has no explanation.
func Pages(openapi []byte) (map[string][]byte, error) {
	var d document
	if err := json.Unmarshal(openapi, &d); err != nil {
		return nil, fmt.Errorf("reference: read the OpenAPI document: %w", err)
	}
	sections, err := sections()
	if err != nil {
		return nil, err
	}
	// The page of the operations is beside the folder, and so is its own way there.
	todo := map[string]page{
		"index":  {Title: "API reference", Home: "docs/", Root: "./", About: d.Info.Description},
		"errors": {Title: "Error codes", Home: "./", Root: "../", Sections: sections},
	}
	dialects := map[string]operations.Dialect{"index": operations.Canonical, "catena": operations.Catena, "supermetrics": operations.Supermetrics}
	for name, dialect := range dialects {
		p := todo[name]
		if name != "index" {
			p = page{Title: "The " + strings.ToUpper(name[:1]) + name[1:] + " format", Home: "./", Root: "../", About: d.about(dialect)}
		}
		p.Groups = d.groups(dialect)
		todo[name] = p
	}
	for _, s := range sections {
		for _, code := range s.Codes {
			p := page{Title: code.Code, Home: "../", Root: "../../", Code: code}
			if code.Code == invalidRequest {
				p.Faults = faults
			}
			todo["errors/"+code.Code] = p
		}
	}
	pages := map[string][]byte{}
	for name, p := range todo {
		kind, _, _ := strings.Cut(name, "/")
		if kind == name && kind != "errors" {
			kind = "operations"
		} else if kind != name {
			kind = "code"
		}
		var text bytes.Buffer
		if err := templates.ExecuteTemplate(&text, kind+".html", p); err != nil {
			return nil, err
		}
		pages[name+".html"] = text.Bytes()
	}
	return pages, nil
}

// about returns what the document says about a dialect.
func (d document) about(dialect operations.Dialect) string {
	for _, tag := range d.Tags {
		if tag.Name == string(dialect) {
			return tag.Description
		}
	}
	return ""
}

// marked returns a text with what stands between backticks as code.
func marked(text string) template.HTML {
	var out strings.Builder
	for i, part := range strings.Split(text, "`") {
		escaped := template.HTMLEscapeString(part)
		if i%2 == 1 {
			escaped = "<code>" + escaped + "</code>"
		}
		out.WriteString(escaped)
	}
	return template.HTML(out.String()) //nolint:gosec // all of it is escaped above
}
