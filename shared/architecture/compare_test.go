package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// leaks are comparisons that stop at the first difference, besides == and !=.
var leaks = map[string]bool{
	"bytes.Equal": true, "bytes.Compare": true, "bytes.HasPrefix": true, "slices.Equal": true, "slices.Compare": true,
	"reflect.DeepEqual": true, "strings.EqualFold": true, "strings.Compare": true, "cmp.Compare": true,
}

// Digests are compared in constant time: by hmac.Equal, in the one function that
// compares any, and in no other way anywhere in what is deployed.
func TestDigestsAreComparedInConstantTime(t *testing.T) {
	files := sources(t, "../../shared", "../../authorizer", "../../functions")
	if len(files) < 50 {
		t.Fatalf("only %d files were found", len(files))
	}
	found := 0
	for name, file := range files {
		for _, fault := range comparisons(file) {
			t.Errorf("%s: %s", name, fault)
		}
		if matches := function(file, "sameDigest"); matches != nil && strings.HasSuffix(name, "shared/apikey/digest.go") {
			ast.Inspect(matches, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && nameOf(call.Fun) == "hmac.Equal" {
					found++
				}
				return true
			})
		}
	}
	if found != 1 {
		t.Errorf("apikey.sameDigest calls hmac.Equal %d times, want once", found)
	}
}

// The search above finds what it is for.
func TestComparisonsAreFound(t *testing.T) {
	for text, want := range map[string]int{
		"got.Sum == want.Sum":                         1,
		"got.Digest != key.Digest":                    1,
		"want == d.Digest":                            1,
		"string(got.Sum[:]) == string(want.Sum[:])":   1,
		"bytes.Equal(got.Sum[:], want.Sum[:])":        1,
		"slices.Equal(a.Sum[:], b)":                   1,
		"key.Digest.Pepper == 1":                      0,
		"len(sum) == len(d.Sum)":                      0,
		"hmac.Equal(got.Sum[:], want.Sum[:])":         0,
		"err == nil && digest(a) == nil":              0,
		"sum == other.digest || wanted == gotten.Sum": 2,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nvar _ = "+text, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := comparisons(file); len(got) != want {
			t.Errorf("%s: found %v", text, got)
		}
	}
}

// comparisons are those of digests that are not in constant time.
func comparisons(file *ast.File) (faults []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		var compared []ast.Expr
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if n.Op == token.EQL || n.Op == token.NEQ {
				compared = []ast.Expr{n.X, n.Y}
			}
		case *ast.CallExpr:
			if leaks[nameOf(n.Fun)] {
				compared = n.Args
			}
		}
		for _, x := range compared {
			if secret(x) {
				faults = append(faults, "a digest is compared, but not by hmac.Equal")
				break
			}
		}
		return true
	})
	return faults
}

// secret reports whether an expression is a digest or its sum, or is made of
// one.
func secret(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.SelectorExpr:
		return x.Sel.Name == "Sum" || strings.EqualFold(x.Sel.Name, "digest")
	case *ast.SliceExpr:
		return secret(x.X)
	case *ast.IndexExpr:
		return secret(x.X)
	case *ast.ParenExpr:
		return secret(x.X)
	case *ast.CallExpr: // a conversion; the length is none
		return nameOf(x.Fun) != "len" && len(x.Args) == 1 && secret(x.Args[0])
	}
	return false
}

func nameOf(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		return nameOf(x.X) + "." + x.Sel.Name
	}
	return ""
}

func function(file *ast.File, name string) *ast.FuncDecl {
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == name {
			return f
		}
	}
	return nil
}

// sources are the files below the folders, tests and what only tests use aside.
func sources(t *testing.T, folders ...string) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && strings.HasSuffix(path, "test"):
				return filepath.SkipDir
			case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
				return nil
			}
			files[filepath.ToSlash(path)], err = parser.ParseFile(token.NewFileSet(), path, nil, 0)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}
