package canonical

import (
	"maps"
	"slices"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/wire"
)

// Problem is an error answer (RFC 9457), application/problem+json.
type Problem struct {
	Type      string  `json:"type" doc:"Where a page explains the code, relative to the URL of the request. Use code to tell errors apart: this changes with the stage and the domain's base path."`
	Title     string  `json:"title"`
	Status    int     `json:"status"`
	Detail    string  `json:"detail" doc:"A sentence for people."`
	Code      string  `json:"code" doc:"What is wrong, for programs. It does not change between versions."`
	RequestID string  `json:"requestId"`
	Errors    []Fault `json:"errors,omitzero" doc:"What is wrong with the input: one entry for each fault, at most 20."`
	*InUse
}

// Fault is one fault of one input.
type Fault struct {
	Field  string `json:"field" doc:"What is at fault: a field of the body such as permissions[0], a query parameter, or a header."`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// InUse is the part of a problem that says what depends on the resource, so that
// it cannot be removed.
type InUse struct {
	KeyCount    int        `json:"keyCount" doc:"How many keys depend on it."`
	PolicyCount int        `json:"policyCount" doc:"How many policies depend on it."`
	UserCount   int        `json:"userCount" doc:"How many users depend on it."`
	Keys        []KeyInUse `json:"keys,omitzero" doc:"Some of these keys, at most 100."`
	LastUsedOn  string     `json:"lastUsedOn,omitzero" format:"date-time" doc:"When any of these keys was last used, right within five minutes; of the 100 oldest, if there are more. Absent if none was, and if a service is in use."`
	Confirm     string     `json:"confirm,omitzero" doc:"Repeat the request with this value as the query parameter confirm to delete it together with its keys."`
}

// KeyInUse is a key that depends on the resource.
type KeyInUse struct {
	ID         string `json:"id" format:"uuid"`
	Name       string `json:"name"`
	LastUsedOn string `json:"lastUsedOn,omitzero" format:"date-time" doc:"When the key was last used. Absent if never, and if a service is in use."`
}

// Problem returns the class as a problem for one request. about leads to a page
// about the code. The detail, fields and use are the error's.
func (c Class) Problem(about, requestID, detail string, fields []apikey.FieldError, use *apikey.Use) Problem {
	problem := Problem{Type: about, Title: c.Title, Status: c.Status, Detail: detail, Code: c.Code, RequestID: requestID}
	if c.Detail != "" {
		problem.Detail = c.Detail
	}
	for _, f := range fields[:min(len(fields), wire.MaxFaults)] {
		problem.Errors = append(problem.Errors, Fault{f.Field, string(f.Code), f.Detail})
	}
	if use == nil {
		return problem
	}
	problem.InUse = &InUse{KeyCount: use.Keys, PolicyCount: use.Policies, UserCount: use.Users, LastUsedOn: Time(use.LastUsedOn), Confirm: use.Confirm}
	for _, key := range use.Examples {
		problem.Keys = append(problem.Keys, KeyInUse{ID: key.ID.String(), Name: key.Name, LastUsedOn: Time(use.LastUses[key.ID].UsedOn)})
	}
	return problem
}

// Codes returns the sorted codes that a status can have.
func Codes(status int) []string {
	codes := map[string]bool{}
	for _, class := range slices.Concat(slices.Collect(maps.Values(classes)), slices.Collect(maps.Values(classesOf)), own) {
		if class.Status == status {
			codes[class.Code] = true
		}
	}
	return slices.Sorted(maps.Keys(codes))
}
