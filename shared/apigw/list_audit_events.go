package apigw

import (
	"context"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// The parameters that filter the audit log.
const (
	targetParameter = "target"
	keyParameter    = "keyId"
	actorParameter  = "actor"
	actionParameter = "action"
	fromParameter   = "from"
	toParameter     = "to"
)

// listAuditEvents shows the audit log, the newest event first, a page at a time.
var listAuditEvents = on(func(ctx context.Context, api API, req request[none]) (answer, error) {
	before, limit, err := pageOf(req.query, canonical.ParseCursor)
	if err != nil {
		return answer{}, err
	}
	filter, err := auditFilter(req.query)
	if err != nil {
		return answer{}, err
	}
	page, err := api.Keys.AuditEvents(ctx, req.caller, filter, before, limit)
	return answer{body: canonical.FromAudits(page)}, err
}, limitParameter, cursorParameter, targetParameter, keyParameter, actorParameter, actionParameter, fromParameter, toParameter)

// auditFilter reads the parameters; keyId is another name of target, for what
// was done to a key.
func auditFilter(query map[string]string) (apikey.AuditFilter, error) {
	filter := apikey.AuditFilter{
		Target: query[targetParameter], Actor: query[actorParameter], Action: apikey.Action(query[actionParameter]),
	}
	if key, given := query[keyParameter]; given {
		if _, both := query[targetParameter]; both {
			return filter, invalid(keyParameter, apikey.FieldConflict, "keyId is another name of target: send one of both.")
		}
		filter.Target = key
	}
	const form = "a time as RFC 3339 writes it, such as 2030-01-02T15:04:05Z"
	if err := readParameter(query, fromParameter, form, &filter.From, parseTime); err != nil {
		return filter, err
	}
	return filter, readParameter(query, toParameter, form, &filter.To, parseTime)
}

// parseTime reads RFC 3339 as strictly as [time.Time.UnmarshalText] does.
func parseTime(text string) (time.Time, error) {
	var t time.Time
	err := t.UnmarshalText([]byte(text))
	return t, err
}
