// Package web holds the console as it is built: npm run build writes dist from
// src.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var built embed.FS

// Files returns the built files. Their entry is index.html.
func Files() fs.FS {
	files, err := fs.Sub(built, "dist")
	if err != nil {
		panic("web: " + err.Error()) // only if the folder's name were invalid
	}
	return files
}
