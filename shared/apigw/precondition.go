package apigw

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apikey"
)

const (
	ifMatch     = "If-Match"
	ifNoneMatch = "If-None-Match"
)

// precondition is what a change requires of its target's version (RFC 9110).
type precondition struct {
	// header is the precondition's header, or empty.
	header string
	// versions lists the acceptable versions, one or more.
	versions []int64
}

// readPrecondition parses If-Match and If-None-Match.
func readPrecondition(event events.APIGatewayProxyRequest) (precondition, error) {
	match, none := headerValues(event, ifMatch), headerValues(event, ifNoneMatch)
	switch {
	case len(none) > 0 && !isAny(none):
		return precondition{}, invalid(ifNoneMatch, apikey.FieldValue, "If-None-Match must be *, which creates an object only if it does not exist yet.")
	case len(none) > 0 && len(match) > 0: // whatever matches a tag exists
		return precondition{ifNoneMatch, []int64{apikey.NoVersion}}, nil
	case len(none) > 0:
		return precondition{ifNoneMatch, []int64{apikey.Absent}}, nil
	case len(match) == 0:
		return precondition{"", []int64{apikey.AnyVersion}}, nil
	case isAny(match):
		return precondition{ifMatch, []int64{apikey.Present}}, nil
	}
	versions, ok := readTags(strings.Join(match, ","))
	if !ok {
		return precondition{}, invalid(ifMatch, apikey.FieldValue, `If-Match must be *, or entity tags in quotes, separated by commas, such as "1".`)
	}
	return precondition{ifMatch, versions}, nil
}

func isAny(values []string) bool { return len(values) == 1 && strings.TrimSpace(values[0]) == "*" }

// readTags parses a list of at least one entity tag and returns at least one
// version. A weak tag, or one that Keyward never issued, matches no version.
func readTags(list string) (versions []int64, ok bool) {
	for {
		list = strings.TrimLeft(list, " \t,")
		if list == "" {
			return versions, versions != nil
		}
		strong, weak := strings.CutPrefix(list, "W/")
		quoted, opened := strings.CutPrefix(strong, `"`)
		tag, rest, closed := strings.Cut(quoted, `"`)
		rest = strings.TrimLeft(rest, " \t")
		if !opened || !closed || rest != "" && rest[0] != ',' || strings.ContainsFunc(tag, notInTags) {
			return nil, false
		}
		version := versionOf(tag)
		if weak {
			version = apikey.NoVersion
		}
		versions, list = append(versions, version), rest
	}
}

// notInTags reports whether a character is not allowed in an entity tag.
func notInTags(r rune) bool { return r <= ' ' || r == 0x7f }

// versionOf returns the version that a tag stands for, or [apikey.NoVersion] for
// any other text.
func versionOf(tag string) int64 {
	version, err := strconv.ParseInt(tag, 10, 64)
	if err != nil || version < 1 || etag(version) != `"`+tag+`"` {
		return apikey.NoVersion
	}
	return version
}

// etag returns the strong entity tag of a version.
func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

// try calls act with the acceptable versions. At most one of them is current; a
// failed first attempt tells which.
func (p precondition) try(act func(version int64) (reply, error)) (reply, error) {
	done, err := act(p.versions[0])
	fault, ok := errors.AsType[*apikey.Error](err)
	if !ok || fault.Kind != apikey.PreconditionFailed {
		return done, err
	}
	if current := fault.Current; slices.Contains(p.versions[1:], current) {
		done, err = act(current)
		if fault, ok = errors.AsType[*apikey.Error](err); !ok || fault.Kind != apikey.PreconditionFailed {
			return done, err
		}
	}
	told := *fault
	told.Fields = []apikey.FieldError{{Field: p.header, Code: apikey.FieldConflict, Detail: told.Detail}}
	return reply{}, &told
}
