// Command generate writes the pages of the API reference into shared/docs/pages,
// and removes those that are no longer made. It runs in shared/docs.
package main

import (
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/keyward/keyward/shared/apigw"
	"github.com/keyward/keyward/shared/docs/reference"
)

func main() {
	if err := write("pages"); err != nil {
		log.Fatal(err)
	}
}

func write(folder string) error {
	pages, err := reference.Pages([]byte(apigw.Document()))
	if err != nil {
		return err
	}
	err = filepath.WalkDir(folder, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".html") {
			return err
		}
		return os.Remove(name)
	})
	if err != nil {
		return err
	}
	for name, text := range pages {
		target := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(target, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
