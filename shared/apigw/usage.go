package apigw

import (
	"context"
	"errors"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// canonicalUsage holds the endpoints of an organization's usage.
var canonicalUsage = endpointGroup{endpoints: map[string]Endpoint{
	"get-usage": {action: filtering(usageFilters, getUsage)},
}}

var errStep = errors.New("neither hour nor day")

// aStep is the length of the time that a row of usage covers.
var aStep = kind[bool]{text(Keyword{"enum", []string{"hour", "day"}}, Keyword{"default", "day"}), "hour or day", func(text string) (byHour bool, err error) {
	if text != "hour" && text != "day" {
		return false, errStep
	}
	return text == "hour", nil
}}

// usageFilters returns the query parameters of usage.
func usageFilters(q *apikey.UsageQuery) []filter {
	return []filter{
		by("from", "Only uses at or after this time, rounded down to a whole hour or day in UTC. Default: seven days before to.", aTime, &q.From),
		by("to", "Only uses before this time, rounded down to a whole hour or day in UTC. Default: the end of this hour or day.", aTime, &q.To),
		by("by", "Whether from and to are whole hours or whole days, and each row covers one. At most 7 days by hour, or 91 days by day.", aStep, &q.ByHour),
	}
}

// getKeyUsage returns what a key was used for.
func getKeyUsage(ctx context.Context, api API, req request[none], query apikey.UsageQuery) (answer[canonical.Usage], error) {
	rows, covers, err := api.Rules.Usage(ctx, req.caller, req.id, query)
	return answer[canonical.Usage]{body: new(canonical.FromUsage(rows, covers))}, err
}

// getUsage returns the keys that were used most.
func getUsage(ctx context.Context, api API, req request[none], query apikey.UsageQuery) (answer[canonical.TopKeys], error) {
	top, err := api.Rules.TopKeys(ctx, req.caller, query)
	return answer[canonical.TopKeys]{body: new(canonical.FromTopKeys(top)), damaged: top.Damaged}, err
}

// getKeyPermissions returns which of its permissions a key uses.
func getKeyPermissions(ctx context.Context, api API, req request[none]) (answer[canonical.PermissionUse], error) {
	report, err := api.Rules.PermissionUse(ctx, req.caller, req.id)
	return answer[canonical.PermissionUse]{body: new(canonical.FromPermissionReport(report))}, err
}
