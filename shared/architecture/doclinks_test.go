package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// docLink matches a link in a Go comment: a name in brackets, after its type or
// package if it needs one.
var docLink = regexp.MustCompile(`\[\*?([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\]`)

// goFile is a parsed file and its folder.
type goFile struct {
	folder string
	*ast.File
}

// goFiles parses every Go file of the repository.
func goFiles(t *testing.T, set *token.FileSet) (files []goFile) {
	t.Helper()
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && name != ".." && (strings.HasPrefix(name, ".") || slices.Contains([]string{"node_modules", "dist", "cdk.out"}, name)) {
			return fs.SkipDir
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		files = append(files, goFile{filepath.Dir(path), file})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// declared adds the names that a file declares: NAME, and TYPE.NAME for methods
// and fields.
func (f goFile) declared(names map[string]bool) {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Recv != nil {
				name = receiver(d.Recv.List[0].Type) + "." + name
			}
			names[name] = true
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					names[s.Name.Name] = true
					for _, member := range members(s.Type) {
						names[s.Name.Name+"."+member] = true
					}
				case *ast.ValueSpec:
					for _, name := range s.Names {
						names[name.Name] = true
					}
				}
			}
		}
	}
}

// receiver returns the name of a method's type.
func receiver(of ast.Expr) string {
	switch of := of.(type) {
	case *ast.StarExpr:
		return receiver(of.X)
	case *ast.IndexExpr:
		return receiver(of.X)
	case *ast.IndexListExpr:
		return receiver(of.X)
	case *ast.Ident:
		return of.Name
	}
	return ""
}

// members returns the names of a struct's fields or an interface's methods.
func members(of ast.Expr) (names []string) {
	var list *ast.FieldList
	switch of := of.(type) {
	case *ast.StructType:
		list = of.Fields
	case *ast.InterfaceType:
		list = of.Methods
	default:
		return nil
	}
	for _, field := range list.List {
		for _, name := range field.Names {
			names = append(names, name.Name)
		}
	}
	return names
}

// Every link in a Go comment to a name of this repository leads somewhere. A
// single word in lower case counts as text, and a package of another module is
// not looked at.
func TestDocLinksLeadSomewhere(t *testing.T) {
	set := token.NewFileSet()
	files := goFiles(t, set)
	folders, packages := map[string]map[string]bool{}, map[string][]string{}
	for _, f := range files {
		if folders[f.folder] == nil {
			folders[f.folder] = map[string]bool{}
		}
		name := strings.TrimSuffix(f.Name.Name, "_test")
		packages[name] = append(packages[name], f.folder)
		f.declared(folders[f.folder])
	}
	links := 0
	for _, f := range files {
		for _, comment := range f.Comments {
			for _, found := range docLink.FindAllStringSubmatch(comment.Text(), -1) {
				name := found[1]
				first, rest, dotted := strings.Cut(name, ".")
				links++
				switch named, ours := packages[first]; {
				case folders[f.folder][name], !dotted && !unicode.IsUpper(rune(name[0])):
				case dotted && ours && slices.ContainsFunc(named, func(folder string) bool { return folders[folder][rest] }):
				case dotted && !ours && !folders[f.folder][first]:
				default:
					t.Errorf("%s: the link [%s] names nothing: link to an existing name", set.Position(comment.Pos()), name)
				}
			}
		}
	}
	if links < 400 {
		t.Errorf("found only %d links", links)
	}
}
