package command

import (
	"context"
	"fmt"
	"slices"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/client/wire"
	"github.com/keyward/keyward/shared/cmd/keyward/output"
)

// usage prints a row for each day or hour; as JSON, the whole answer.
func (p *program) usage(ctx context.Context, id string, q client.KeyUsageParams) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	usage, err := c.Keys.Usage(ctx, id, &q)
	if err != nil {
		return err
	}
	if p.printer.Format == output.JSON {
		return p.printer.JSON(usage)
	}
	return output.List(p.printer, []output.Column[wire.UsageRow]{
		column("start", func(r wire.UsageRow) string { return when(r.Start) }),
		column("allowed", func(r wire.UsageRow) string { return number(r.Allowed) }),
		column("refused", func(r wire.UsageRow) string { return number(r.Refused) }),
		column("permissions", func(r wire.UsageRow) string { return counts(r.Permissions) }),
		column("refusals", func(r wire.UsageRow) string { return counts(r.Refusals) }),
	}, sequence(slices.Values(usage.Items)))
}

func counts(all []wire.Count) string {
	var texts []string
	for _, one := range all {
		texts = append(texts, fmt.Sprintf("%s:%d", one.Name, one.Requests))
	}
	return joined(texts)
}

// propagation prints a row for each region; as JSON, the whole answer.
func (p *program) propagation(ctx context.Context, id string) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	told, err := c.Keys.Propagation(ctx, id)
	if err != nil {
		return err
	}
	if p.printer.Format == output.JSON {
		return p.printer.JSON(told)
	}
	return output.List(p.printer, []output.Column[wire.Region]{
		column("region", func(r wire.Region) string { return r.Region }),
		column("state", func(r wire.Region) string { return string(r.State) }),
		column("olderAllowedUntil", func(r wire.Region) string { return when(r.OlderAllowedUntil) }),
	}, sequence(slices.Values(told.Regions)))
}
