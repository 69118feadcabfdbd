// Command generate writes wire.gen.go, the Go types and requests of the canonical
// operations, from the OpenAPI document. It runs in the folder of package wire.
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
)

const (
	documentFile  = "../../apigw/openapi.json"
	generatedFile = "wire.gen.go"
)

// requests is the template of the functions that build requests, and header that
// of the file's first lines. They replace oapi-codegen's own, whose code needs a
// module at run time.
var (
	//go:embed requests.tmpl
	requests string
	//go:embed header.tmpl
	header string
)

func main() {
	text, err := generate(context.Background(), ".")
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(generatedFile, text, 0o644); err != nil {
		log.Fatal(err)
	}
}

// generate returns the text of wire.gen.go. The folder is that of package wire.
func generate(ctx context.Context, folder string) ([]byte, error) {
	document, err := os.ReadFile(filepath.Join(folder, documentFile))
	if err != nil {
		return nil, err
	}
	lowered, err := lower(document)
	if err != nil {
		return nil, err
	}
	temporary, err := os.MkdirTemp("", "keyward-wire-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(temporary) }()
	output := filepath.Join(temporary, generatedFile)
	configuration, err := json.Marshal(settings(output))
	if err != nil {
		return nil, err
	}
	for name, text := range map[string][]byte{"openapi.json": lowered, "settings.yaml": configuration} {
		if err := os.WriteFile(filepath.Join(temporary, name), text, 0o600); err != nil {
			return nil, err
		}
	}
	command := exec.CommandContext(ctx, "go", "tool", "oapi-codegen", "-config", filepath.Join(temporary, "settings.yaml"), filepath.Join(temporary, "openapi.json"))
	command.Dir = folder
	if said, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("oapi-codegen: %w: %s", err, said)
	}
	return os.ReadFile(output)
}

// settings returns oapi-codegen's configuration. JSON is YAML too.
func settings(output string) map[string]any {
	const none = "{{``}}\n" // an empty template would not replace anything
	return map[string]any{
		"package":       "wire",
		"output":        output,
		"generate":      map[string]bool{"models": true, "client": true},
		"compatibility": map[string]bool{"always-prefix-enum-values": true},
		"output-options": map[string]any{
			"skip-prune":                                 true,
			"skip-enum-validate":                         true,
			"name-normalizer":                            "ToCamelCaseWithInitialisms",
			"additional-initialisms":                     []string{"TTL"},
			"prefer-skip-optional-pointer":               true,
			"prefer-skip-optional-pointer-with-omitzero": true,
			"user-templates": map[string]string{
				"imports.tmpl":               header,
				"client.tmpl":                requests,
				"client-with-responses.tmpl": none,
				"request-bodies.tmpl":        none,
			},
		},
	}
}
