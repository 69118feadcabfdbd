package reference

import (
	"bytes"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apigw"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/verify"
)

func pages(t *testing.T) map[string][]byte {
	t.Helper()
	made, err := Pages([]byte(apigw.Document()))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// The committed pages, which are served, are those that the current document and
// texts make.
func TestPagesAreFresh(t *testing.T) {
	made := pages(t)
	for name, want := range made {
		if got, err := os.ReadFile(path.Join("../pages", name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("shared/docs/pages/%s is out of date: run make generate (%v)", name, err)
		}
	}
	for folder, besides := range map[string][]string{"../pages": {"errors", "style.css"}, "../pages/errors": nil} {
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			name := strings.TrimPrefix(path.Join(folder, entry.Name()), "../pages/")
			if made[name] == nil && !slices.Contains(besides, name) {
				t.Errorf("shared/docs/pages/%s is no longer made: run make generate", name)
			}
		}
	}
}

// Every code that an answer can have, by a function, the gateway or the
// authorizer, has a page that says what it means, why it happens and what to do;
// and nothing is explained that does not exist.
func TestEveryCodeHasAPage(t *testing.T) {
	made := pages(t)
	codes := map[string]bool{}
	for status := 400; status < 600; status++ {
		for _, code := range canonical.Codes(status) {
			codes[code] = true
		}
	}
	for _, code := range operations.GatewayCodes() {
		codes[code] = true
	}
	for code := range codes {
		if e := explanations[code]; e.Means == "" || e.Why == "" || e.Do == "" || made["errors/"+code+".html"] == nil {
			t.Errorf("%s has no page, or one that lacks something: explain it in explanations", code)
		}
	}
	for _, code := range verify.Codes() {
		if e := verdicts[code]; e.Means == "" || e.Why == "" || e.Do == "" || made["errors/"+string(code)+".html"] == nil {
			t.Errorf("%s has no page, or one that lacks something: explain it in verdicts", code)
		}
	}
	for _, c := range supermetricsCodes() {
		codes[c.Code] = true
	}
	if len(verdicts) != len(verify.Codes()) {
		t.Error("verdicts explains a code that does not exist")
	}
	for code := range explanations {
		if !codes[code] {
			t.Errorf("%s is explained and does not exist", code)
		}
	}
}

var fieldCode = regexp.MustCompile(`(?m)^\s*(?:const )?\w+\s+(?:apikey\.)?FieldCode\s+= "(\w+)"`)

// The page of INVALID_REQUEST has every code that a field can have.
func TestEveryFieldCodeIsTold(t *testing.T) {
	told := map[string]bool{}
	for _, f := range faults {
		told[string(f.Code)] = f.Says != ""
	}
	found := map[string]bool{}
	for _, file := range []string{"../../apikey/error.go", "../../apigw/strict/strict.go", "../../apigw/query.go"} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range fieldCode.FindAllSubmatch(source, -1) {
			found[string(m[1])] = true
		}
	}
	if len(found) < 10 || !maps.Equal(found, told) {
		t.Errorf("told are %v\ndeclared are %v", told, found)
	}
}

var link = regexp.MustCompile(`(?:href|src)="([^"]+)"`)

// Every link leads to a page, and to a place on it, relative to the page; all but
// those to RFCs stay within the API.
func TestLinks(t *testing.T) {
	made := pages(t)
	for name, text := range made {
		// A page is served at its name without the ending, below docs.
		at := strings.TrimSuffix(path.Join("docs", name), ".html")
		if name == "index.html" {
			at = "docs"
		}
		for _, m := range link.FindAllSubmatch(text, -1) {
			target, place, _ := strings.Cut(string(m[1]), "#")
			if strings.HasPrefix(target, "https://www.rfc-editor.org/") {
				continue
			}
			to := name
			if target != "" {
				switch led := path.Join(path.Dir(at), target); led {
				case "openapi.json", "docs/style.css":
					continue
				case "docs":
					to = "index.html"
				default:
					to = strings.TrimPrefix(led, "docs/") + ".html"
				}
			}
			if page := made[to]; page == nil || place != "" && !bytes.Contains(page, []byte(`id="`+place+`"`)) {
				t.Errorf("%s: %s leads nowhere", name, m[1])
			}
		}
	}
}

// The pages show every operation of the document with its fields and an example.
func TestOperationsAreShown(t *testing.T) {
	made := pages(t)
	for _, op := range operations.All() {
		for _, route := range op.Routes {
			if route.Method == operations.Any {
				continue
			}
			name := map[operations.Dialect]string{operations.Canonical: "index", operations.Catena: "catena", operations.Supermetrics: "supermetrics"}[route.Dialect]
			if want := route.Method + `</b> <code>` + route.Path + `</code>`; !bytes.Contains(made[name+".html"], []byte(want)) {
				t.Errorf("%s does not show %s %s", name, route.Method, route.Path)
			}
		}
	}
	index := string(made["index.html"])
	_, create, _ := strings.Cut(index, `<h3 id="create-apikey">`)
	create, _, _ = strings.Cut(create, "</article>")
	for _, want := range []string{"AdministerApiKeys, ManageApiKeys", "Idempotency-Key", "expiresOn", "time (RFC 3339)", `curl --user &#34;$KEYWARD_API_KEY:&#34; &#34;$KEYWARD_URL/v1/apikeys&#34;`, "Answer 201", "kw_4WpwtQ...005qPE", `errors#status-409`} {
		if !strings.Contains(create, want) {
			t.Errorf("create-apikey does not show %s", want)
		}
	}
}
