package apigw

import (
	"context"
	"regexp"
	"strconv"

	"github.com/keyward/keyward/shared/apikey"
)

// page is a request for one page of a listing: what comes after a position, at most
// limit items of it, and only what passes the filter.
type page[P, F any] struct {
	caller apikey.Caller
	after  P
	limit  int
	filter F
}

// filter is a query parameter of a listing, bound to where its value goes.
type filter struct {
	Parameter
	read func(query map[string]string) error
}

// by binds a parameter of that name to where its value goes.
func by[V any](name, description string, values kind[V], into *V) filter {
	return filter{values.named(name, description), func(query map[string]string) error {
		return values.read(query, name, into)
	}}
}

// unfiltered are the filters of a listing that has none.
func unfiltered(*none) []filter { return nil }

// listing makes the action of a listing in pages. The cursor reads a position, and
// filters are bound to the F that they fill.
func listing[P, F, A any](cursor func(string) (P, error), filters func(*F) []filter, act func(context.Context, API, page[P, F]) (answer[A], error)) action {
	parameters := func(p *page[P, F]) []filter {
		return append([]filter{
			by("limit", "How many items a page has at most. It has fewer where they are large, or where a filter leaves much out: only a page without nextCursor is the last.", aLimit, &p.limit),
			by("cursor", "The nextCursor of the page before.", kind[P]{text(), "the nextCursor of an earlier page", cursor}, &p.after),
		}, filters(&p.filter)...)
	}
	var query []Parameter
	for _, parameter := range parameters(new(page[P, F])) {
		query = append(query, parameter.Parameter)
	}
	return on(func(ctx context.Context, api API, req request[none]) (answer[A], error) {
		p := page[P, F]{caller: req.caller, limit: apikey.MaxPage}
		for _, parameter := range parameters(&p) {
			if err := parameter.read(req.query); err != nil {
				return answer[A]{}, err
			}
		}
		return act(ctx, api, p)
	}, query...)
}

var decimal = regexp.MustCompile(`^[1-9][0-9]{0,8}$`)

// limitOf reads a number of items; 0 for what is none, which the rules refuse.
func limitOf(text string) (limit int, _ error) {
	if decimal.MatchString(text) {
		limit, _ = strconv.Atoi(text)
	}
	return limit, nil
}
