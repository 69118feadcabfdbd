package apigw

import (
	"context"
	"regexp"
	"strconv"

	"github.com/keyward/keyward/shared/apikey"
)

// page is a request for one page of a listing: at most limit items after a
// position that pass the filter.
type page[P, F any] struct {
	caller apikey.Caller
	after  P
	limit  int
	filter F
}

// filter is a query parameter of a listing, bound to the variable that it fills.
type filter struct {
	Parameter
	read func(query map[string]string) error
}

// by returns a filter that reads the named parameter into into.
func by[V any](name, description string, values kind[V], into *V) filter {
	return filter{values.named(name, description), func(query map[string]string) error {
		return values.read(query, name, into)
	}}
}

// unfiltered returns no filters.
func unfiltered(*none) []filter { return nil }

// cursorParameter is the query parameter that names a position in a listing.
const cursorParameter = "cursor"

// listing returns the action of a paged listing. cursor parses a position;
// filters binds the parameters to the F that they fill.
func listing[P, F, A any](cursor func(string) (P, error), filters func(*F) []filter, act func(context.Context, API, page[P, F]) (answer[A], error)) action {
	parameters := func(p *page[P, F]) []filter {
		p.limit = apikey.MaxPage
		return append([]filter{
			by("limit", "The most items that a page can have. A page can have fewer, even none, because large items and filters end it early. Only a page without nextCursor is the last.", aLimit, &p.limit),
			by(cursorParameter, "The nextCursor of the previous page.", kind[P]{text(), "the nextCursor of an earlier page", cursor}, &p.after),
		}, filters(&p.filter)...)
	}
	return filtering(parameters, func(ctx context.Context, api API, req request[none], p page[P, F]) (answer[A], error) {
		p.caller = req.caller
		return act(ctx, api, p)
	})
}

// filtering returns an action with query parameters. filters binds them to the F
// that they fill.
func filtering[F, A any](filters func(*F) []filter, act func(context.Context, API, request[none], F) (answer[A], error)) action {
	var query []Parameter
	for _, filter := range filters(new(F)) {
		query = append(query, filter.Parameter)
	}
	return on(func(ctx context.Context, api API, req request[none]) (answer[A], error) {
		var filled F
		for _, filter := range filters(&filled) {
			if err := filter.read(req.query); err != nil {
				return answer[A]{}, err
			}
		}
		return act(ctx, api, req, filled)
	}, query...)
}

var decimal = regexp.MustCompile(`^[1-9][0-9]{0,8}$`)

// limitOf parses a number of items. It returns 0 for what is not a number, and
// the rules refuse 0.
func limitOf(text string) (limit int, _ error) {
	if decimal.MatchString(text) {
		limit, _ = strconv.Atoi(text)
	}
	return limit, nil
}
