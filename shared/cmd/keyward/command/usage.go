package command

import (
	"cmp"
	"context"
	"fmt"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/client/wire"
	"github.com/keyward/keyward/shared/cmd/keyward/output"
)

// usage prints a row for each day or hour.
func (p *program) usage(ctx context.Context, id string, q client.KeyUsageParams) error {
	return rows(p, []output.Column[wire.UsageRow]{
		column("start", func(r wire.UsageRow) string { return when(r.Start) }),
		column("allowed", func(r wire.UsageRow) string { return number(r.Allowed) }),
		column("refused", func(r wire.UsageRow) string { return number(r.Refused) }),
		column("permissions", func(r wire.UsageRow) string { return counts(r.Permissions) }),
		column("refusals", func(r wire.UsageRow) string { return counts(r.Refusals) }),
	}, func(c *client.Client) (*client.Usage, error) { return c.Keys.Usage(ctx, id, &q) },
		func(u *client.Usage) []wire.UsageRow { return u.Items })
}

func counts(all []wire.Count) string {
	var texts []string
	for _, one := range all {
		texts = append(texts, fmt.Sprintf("%s:%d", cmp.Or(one.Name, "(none needed)"), one.Requests))
	}
	return joined(texts)
}

// propagation prints a row for each region.
func (p *program) propagation(ctx context.Context, id string) error {
	return rows(p, []output.Column[wire.Region]{
		column("region", func(r wire.Region) string { return r.Region }),
		column("state", func(r wire.Region) string { return string(r.State) }),
		column("olderAllowedUntil", func(r wire.Region) string { return when(r.OlderAllowedUntil) }),
	}, func(c *client.Client) (*client.Propagation, error) { return c.Keys.Propagation(ctx, id) },
		func(told *client.Propagation) []wire.Region { return told.Regions })
}

// rows prints a row for each part of an answer; as JSON, the whole answer.
func rows[A, R any](p *program, columns []output.Column[R], ask func(*client.Client) (*A, error), of func(*A) []R) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	answer, err := ask(c)
	if err != nil {
		return err
	}
	if p.printer.Format == output.JSON {
		return p.printer.JSON(answer)
	}
	return output.List(p.printer, columns, sequence(of(answer)))
}
