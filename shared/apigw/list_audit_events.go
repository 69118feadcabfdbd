package apigw

import (
	"cmp"
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/keytext"
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
	return answer{body: canonical.FromAudits(page), damaged: page.Damaged}, err
}, limitParameter, cursorParameter, targetParameter, keyParameter, actorParameter, actionParameter, fromParameter, toParameter)

// auditFilter reads the parameters: target is what was changed, keyId the key
// that was used for it.
func auditFilter(query map[string]string) (filter apikey.AuditFilter, err error) {
	const (
		aTarget = "an id, or the name of a service, an organization or permissions"
		aTime   = "a time from 1970 to 9999 as RFC 3339 writes it, such as 2030-01-02T15:04:05Z"
	)
	err = cmp.Or(
		readParameter(query, targetParameter, aTarget, &filter.Target, targetOf),
		readParameter(query, keyParameter, "the id of an API key", &filter.Key, keytext.ParseID),
		readParameter(query, actorParameter, anActor, &filter.Actor, actorOf),
		readParameter(query, actionParameter, anAction(), &filter.Action, actionOf),
		readParameter(query, fromParameter, aTime, &filter.From, canonical.ParseTime),
		readParameter(query, toParameter, aTime, &filter.To, canonical.ParseTime),
	)
	return filter, err
}
