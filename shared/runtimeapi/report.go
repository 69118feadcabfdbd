package runtimeapi

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"runtime"
	"strings"
)

// document is an error in aws-lambda-go's format.
type document struct {
	Message string  `json:"errorMessage"`
	Type    string  `json:"errorType"`
	Stack   []frame `json:"stackTrace,omitempty"`
	// panicked means that the process must end.
	panicked bool
}

type frame struct {
	Path  string `json:"path"`
	Line  int    `json:"line"`
	Label string `json:"label"`
}

func (d *document) bytes() []byte {
	text, _ := json.Marshal(d) // strings and numbers cannot fail
	return text
}

// describe returns the document of an error, with its text and the name of its
// type.
func describe(err error) *document { return &document{Message: err.Error(), Type: typeName(err)} }

func typeName(value any) string {
	t := reflect.TypeOf(value)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}

// call runs the handler and returns any failure as a document.
func call(ctx context.Context, h Handler, payload []byte) (answer []byte, failed *document) {
	defer func() {
		if fault := recover(); fault != nil {
			answer, failed = nil, panicked(fault)
		}
	}()
	answer, err := h.Invoke(ctx, payload)
	if err != nil {
		return nil, describe(err)
	}
	return answer, nil
}

// panicked returns the document of a panic. It shows the text only if it is the
// Go runtime's own: any other could contain a secret.
func panicked(fault any) *document {
	d := &document{Message: fmt.Sprintf("a panic with a %T", fault), Type: typeName(fault), panicked: true}
	if err, ok := fault.(runtime.Error); ok {
		d.Message = err.Error()
	}
	callers := make([]uintptr, 32)
	frames := runtime.CallersFrames(callers[:runtime.Callers(3, callers)])
	for {
		f, more := frames.Next()
		d.Stack = append(d.Stack, frame{Path: f.File, Line: f.Line, Label: f.Function[strings.LastIndex(f.Function, "/")+1:]})
		if !more {
			return d
		}
	}
}
