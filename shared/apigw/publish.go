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
		decode := func(image Image) (event canonical.Event, due bool, err error) {
			record, err := api.AuditRecord(image)
			return canonical.FromAudit(record), true, err
		}
		return eachDecoded(images, "read an audit record", decode, func(all []canonical.Event) []error { return api.Bus.Publish(ctx, all) })
	})
}

// RecordUsage returns the handler that brings the last uses of keys up to date
// with what authorizers wrote. A batch that is repeated changes nothing. The
// handler's own writes come through the stream too, and it ignores them.
func RecordUsage(api API) StreamHandler {
	return stream(api, "record-usage", func(ctx context.Context, images []Image) []error {
		return eachDecoded(images, "read the uses of a key", api.Uses, func(all []apikey.Uses) []error { return api.Rules.RecordUses(ctx, all) })
	})
}

// eachDecoded decodes the images of a batch and calls handle with the values that are
// due. It returns an error, or nil, for each image.
func eachDecoded[T any](images []Image, doing string, decode func(Image) (value T, due bool, err error), handle func([]T) []error) []error {
	failures := make([]error, len(images))
	var all []T
	var at []int
	for i, image := range images {
		value, due, err := decode(image)
		switch {
		case err != nil:
			failures[i] = apikey.UnavailableError(doing, err)
		case due:
			all, at = append(all, value), append(at, i)
		}
	}
	for i, err := range handle(all) {
		failures[at[i]] = err
	}
	return failures
}
