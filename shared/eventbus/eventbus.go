// Package eventbus publishes events on an Amazon EventBridge bus.
package eventbus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// EventBridge's limits of one request.
const (
	maxEntries = 10
	maxBytes   = 256_000
)

// The errors of events.
var (
	errTooLarge = errors.New("the event is larger than EventBridge takes")
	// errEarlier means that an earlier event of the same subject failed.
	errEarlier = errors.New("an earlier event of the same subject was not published")
)

// Bus publishes events on one bus. It is safe for concurrent use.
type Bus struct {
	client *eventbridge.Client
	name   string
}

// New returns the bus with a name or ARN. endpoint replaces the region's, unless
// it is empty.
func New(config aws.Config, endpoint, bus string) *Bus {
	client := eventbridge.NewFromConfig(config, func(o *eventbridge.Options) {
		if endpoint != "" {
			o.BaseEndpoint = &endpoint
		}
	})
	return &Bus{client, bus}
}

// Publish publishes events in as few requests as their order allows, and returns
// an error, or nil, for each. EventBridge may accept some entries of a request
// and refuse others. So no request has two events of one subject, and the events
// that follow a failed one of their subject are not published.
func (b *Bus) Publish(ctx context.Context, all []canonical.Event) []error {
	p := &publication{bus: b, all: all, failures: make([]error, len(all)), failed: map[string]bool{}}
	for i, event := range all {
		entry := b.entry(event)
		size := sizeOf(entry)
		switch {
		case size > maxBytes:
			p.fail(i, errTooLarge)
			continue
		case p.pending[event.Subject] || len(p.at) == maxEntries || p.bytes+size > maxBytes:
			p.send(ctx)
		}
		if p.failed[event.Subject] {
			p.fail(i, errEarlier)
			continue
		}
		p.add(i, entry, size)
	}
	p.send(ctx)
	return p.failures
}

// publication is the work of one call of [Bus.Publish].
type publication struct {
	bus      *Bus
	all      []canonical.Event
	failures []error
	// failed are the subjects of events that failed.
	failed map[string]bool

	// What follows is the next request: its entries, which events they are, their
	// subjects and their size.
	entries []types.PutEventsRequestEntry
	at      []int
	pending map[string]bool
	bytes   int
}

func (p *publication) fail(i int, err error) {
	p.failures[i], p.failed[p.all[i].Subject] = fmt.Errorf("event %s: %w", p.all[i].ID, err), true
}

func (p *publication) add(i int, entry types.PutEventsRequestEntry, size int) {
	if p.pending == nil {
		p.pending = map[string]bool{}
	}
	p.entries, p.at, p.bytes = append(p.entries, entry), append(p.at, i), p.bytes+size
	p.pending[p.all[i].Subject] = true
}

// send makes the next request, and starts another one.
func (p *publication) send(ctx context.Context) {
	if len(p.entries) == 0 {
		return
	}
	output, err := p.bus.client.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: p.entries})
	for n, i := range p.at {
		switch {
		case err != nil:
			p.fail(i, err)
		case n >= len(output.Entries):
			p.fail(i, errors.New("EventBridge does not say that it has it"))
		case output.Entries[n].ErrorCode != nil:
			p.fail(i, fmt.Errorf("EventBridge refuses it: %s", *output.Entries[n].ErrorCode))
		}
	}
	p.entries, p.at, p.pending, p.bytes = nil, nil, nil, 0
}

func (b *Bus) entry(event canonical.Event) types.PutEventsRequestEntry {
	return types.PutEventsRequestEntry{
		EventBusName: &b.name, Source: aws.String(canonical.EventSource), DetailType: aws.String(event.Type),
		Detail: aws.String(event.Detail), Time: aws.Time(event.At.UTC().Truncate(time.Second)),
	}
}

// sizeOf returns an entry's size as EventBridge counts it.
func sizeOf(entry types.PutEventsRequestEntry) int {
	const timeSize = 14
	return timeSize + len(*entry.Source) + len(*entry.DetailType) + len(*entry.Detail)
}
