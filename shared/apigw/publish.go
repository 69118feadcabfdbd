package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// Bus publishes events. Publish returns an error, or nil, for each event. An
// event is not published before the earlier ones with its subject are, and not
// at all once one of those failed.
type Bus interface {
	Publish(ctx context.Context, all []canonical.Event) []error
}

// streamHandlers maps names to the operations that a table's stream invokes.
var streamHandlers = map[string]func(API) StreamHandler{
	"publish-events": PublishEvents,
	"record-usage":   RecordUsage,
}

// PublishEvents returns the handler that publishes each new audit record as an
// event. What was published before is published again if a batch is repeated;
// the event's id is the same then.
func PublishEvents(api API) StreamHandler {
	return stream(api, "publish-events", func(ctx context.Context, images []Image) []error {
		failures := make([]error, len(images))
		var all []canonical.Event
		var at []int
		for i, image := range images {
			record, err := api.AuditRecord(image)
			if err != nil {
				failures[i] = apikey.UnavailableError("read an audit record", err)
				continue
			}
			all, at = append(all, canonical.FromAudit(record)), append(at, i)
		}
		for i, err := range api.Bus.Publish(ctx, all) {
			failures[at[i]] = err
		}
		return failures
	})
}
