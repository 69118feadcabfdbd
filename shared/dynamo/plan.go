package dynamo

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
)

// maxSteps is how many items DynamoDB accepts in one transaction.
const maxSteps = 100

// plan is a transaction that is being built. It has one step for each item,
// however many writes of the change concern that item.
type plan struct {
	names Names
	steps []*step
	at    map[itemKey]*step
	// audits are the steps of the audit records, which come after the others.
	audits []*step
	// deltas maps the item of each count to the sum of the change's
	// adjustments. owners lists those items in the order of the change.
	deltas map[itemKey]int
	owners []itemKey
	// dropped are the optional parts to leave out.
	dropped map[optionalPart]bool
	// conditions counts the conditions so far.
	conditions int
	err        error
}

// step is everything that a transaction does to one item: put it, remove it,
// set some of its attributes and adjust its count, or only check conditions.
type step struct {
	itemKey
	put    item
	remove bool
	set    item
	// repeat holds attributes that another item has too. They are set whatever
	// else is done to the item.
	repeat     item
	delta      int
	conditions []condition
}

// optionalPart is a part that a change can do without: adjusting the count of
// an owner that no longer exists or counts too few keys; freeing a name or an
// API that belongs to another record; or a repetition in an item that has no
// room for it.
type optionalPart struct {
	itemKey
	repeat bool
}

// condition must hold for an item before the change.
type condition struct {
	// order is its position among the conditions of the change.
	order int
	// expression contains attributes as #name, and placeholders of values.
	expression string
	values     item
	// holds evaluates the condition, which is needed if an item has several.
	holds func(old item) bool
	// failure returns the error if the condition does not hold. If failure is
	// nil, the part is optional: the change is committed without it.
	failure func(old item) *apikey.Error
}

var errWrittenTwice = errors.New("a change writes one thing twice")

func (s *Store) plan(change apikey.Change, dropped map[optionalPart]bool) (*plan, error) {
	p := &plan{names: s.names, at: make(map[itemKey]*step), deltas: make(map[itemKey]int), dropped: dropped}
	for _, write := range change.Writes {
		p.tallyCounts(write)
	}
	for _, write := range change.Writes {
		p.write(write)
	}
	p.applyCounts()
	for _, record := range change.Audits {
		at := p.names.audit(record)
		p.audits = append(p.audits, &step{
			itemKey: at, put: formatted(roundTrip(p, at, record, loggedAttributes)), conditions: []condition{{expression: isNew}},
		})
	}
	p.measure()
	return p, p.err
}

// measure refuses what is too large for one DynamoDB transaction. The rules
// keep changes below that with their limits on records.
func (p *plan) measure() {
	all, total := slices.Concat(p.steps, p.audits), 0
	for _, s := range all {
		n := itemSize(s.key()) + itemSize(s.put) + itemSize(s.attributes())
		if n > maxItemBytes {
			p.fail(fmt.Errorf("an item of %d bytes", n))
		}
		total += n
	}
	if len(all) > maxSteps || total > maxTransactionBytes {
		p.fail(fmt.Errorf("a change of %d items and %d bytes", len(all), total))
	}
}

// fail makes the plan fail with err, unless it has failed before.
func (p *plan) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

func (p *plan) step(at itemKey) *step {
	if p.at[at] == nil {
		p.at[at] = &step{itemKey: at}
		p.steps = append(p.steps, p.at[at])
	}
	return p.at[at]
}

// require adds a condition on an item.
func (p *plan) require(at itemKey, c condition) {
	c.order = p.conditions
	p.conditions++
	s := p.step(at)
	s.conditions = append(s.conditions, c)
}

// writeStep returns the step of an item that a write puts, sets or removes. A
// second write of the same item fails the plan.
func (p *plan) writeStep(at itemKey) *step {
	s := p.step(at)
	if s.put != nil || s.remove || s.set != nil {
		p.fail(errWrittenTwice)
	}
	return s
}

func (p *plan) put(at itemKey, attributes item) { p.writeStep(at).put = formatted(attributes) }

func (p *plan) set(at itemKey, attributes item) { p.writeStep(at).set = formatted(attributes) }

func (p *plan) remove(at itemKey) { p.writeStep(at).remove = true }

// add puts an item that must not exist yet.
func (p *plan) add(at itemKey, attributes item, broken func(item) *apikey.Error) {
	p.put(at, attributes)
	p.require(at, condition{expression: isNew, failure: broken})
}

// tallyCounts adds up the adjustments of the counts.
func (p *plan) tallyCounts(write apikey.Write) {
	switch w := write.(type) {
	case apikey.CreateKey:
		p.adjustCount(w.Key, +1)
	case apikey.ReplaceKey:
		p.adjustCount(w.Before, -1)
		p.adjustCount(w.After, +1)
	case apikey.DeleteKey:
		p.adjustCount(w.Key, -1)
	}
}

func (p *plan) adjustCount(key apikey.Key, by int) {
	for _, owner := range p.names.owners(key) {
		if _, known := p.deltas[owner]; !known {
			p.owners = append(p.owners, owner)
		}
		p.deltas[owner] += by
	}
}

// owners returns the items that count a key: its organization, its policy and
// the user of a personal key. Nothing counts a tombstone.
func (n Names) owners(key apikey.Key) []itemKey {
	if key.Deleted() {
		return nil
	}
	owners := []itemKey{n.org(key.Org)}
	if !key.Policy.IsZero() {
		owners = append(owners, n.policy(key.Org, key.Policy))
	}
	if key.Type == apikey.TypePersonal && !key.OnBehalfOf.IsZero() {
		owners = append(owners, n.user(key.Org, key.OnBehalfOf))
	}
	return owners
}

// applyCounts adjusts the counts. It skips an owner that does not exist or that
// the change removes. A count that is too low stays as it is, so it never falls
// below 0.
func (p *plan) applyCounts() {
	for _, owner := range p.owners {
		by := p.deltas[owner]
		if by == 0 || p.dropped[optionalPart{owner, false}] {
			continue
		}
		s := p.step(owner)
		if s.remove {
			continue
		}
		s.delta = by
		switch {
		case by < 0:
			p.require(owner, countAtLeast(-by))
		case len(s.conditions) == 0:
			p.require(owner, condition{expression: exists})
		}
	}
}

// render returns the steps in DynamoDB's form.
func (p *plan) render() []types.TransactWriteItem {
	var items []types.TransactWriteItem
	for _, s := range slices.Concat(p.steps, p.audits) {
		items = append(items, s.render())
	}
	return items
}
