package apigw

import (
	"context"
	"regexp"
	"strconv"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// The query parameters of a listing.
const (
	limitParameter  = "limit"
	cursorParameter = "cursor"
)

// ListAPIKeys shows the organization's keys, a page at a time.
func ListAPIKeys(api API) Handler {
	return handle(api, "list-apikeys", func(ctx context.Context, req request[none]) (answer, error) {
		after, limit, err := pageOf(req.query)
		if err != nil {
			return answer{}, err
		}
		page, err := api.Keys.List(ctx, req.caller, after, limit)
		if err != nil {
			return answer{}, err
		}
		return answer{body: canonical.FromPage(page)}, nil
	}, limitParameter, cursorParameter)
}

var decimal = regexp.MustCompile(`^[1-9][0-9]{0,8}$`)

// pageOf is which page a query asks for: the first, and as long as may be,
// where it does not say. The rules check the limit's range.
func pageOf(query map[string]string) (after apikey.Position, limit int, err error) {
	limit = apikey.MaxPage
	if text, given := query[limitParameter]; given {
		limit = 0
		if decimal.MatchString(text) {
			limit, _ = strconv.Atoi(text)
		}
	}
	if text, given := query[cursorParameter]; given {
		if after, err = canonical.ParseCursor(text); err != nil {
			return after, 0, invalid(cursorParameter, apikey.FieldValue, "cursor is the nextCursor of an earlier page.")
		}
	}
	return after, limit, nil
}
