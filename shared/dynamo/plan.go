package dynamo

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
)

// maxSteps is how many items DynamoDB takes in one transaction.
const maxSteps = 100

// plan is a transaction in the making, with one step for each item, however
// many writes of the change concern it.
type plan struct {
	names Names
	steps []*step
	at    map[itemKey]*step
	// audits are the steps of the audit records, which come after the others.
	audits []*step
	// moves are how far the change moves the counts of keys, all its writes
	// together; owners are those that are moved, in the order of the change.
	deltas map[itemKey]int
	owners []itemKey
	// left are the parts that the change does without.
	dropped map[optionalPart]bool
	// conditions is how many were put so far.
	conditions int
	err        error
}

// step is all that a transaction does to one item: it is put or removed, or
// some of its attributes are set and its count moved, or it is only looked at.
type step struct {
	itemKey
	put    item
	remove bool
	set    item
	// repeat are attributes that another item holds as well. They are set beside
	// the others, whatever else is done to the item.
	repeat     item
	delta      int
	conditions []condition
}

// part is what a change can do without: the move of an owner's count, where the
// owner does not exist any more or counts fewer keys than it loses; the freeing
// of a name or an API that is not the thing's own; or what is repeated in an item
// that has no room for it.
type optionalPart struct {
	itemKey
	repeat bool
}

// condition is what must hold of an item as it is before the change.
type condition struct {
	// order is its place among the conditions of the change.
	order int
	// expression has attributes as #name, and the names of values.
	expression string
	values     item
	// holds evaluates a condition that can meet others on one item.
	holds func(old item) bool
	// broken is the answer where it does not hold. Where it is nil, the item
	// stays as it is, which is no failure.
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
			itemKey: at, put: formatted(roundTrip(p, at, record, auditItem, decodeLoggedRecord)), conditions: []condition{{expression: isNew}},
		})
	}
	p.measure()
	return p, p.err
}

// measure refuses what DynamoDB does not take in one transaction. The rules keep
// their changes below that: see the limits of their records.
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

// fail gives the plan up. The first reason counts.
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

// require puts a condition on an item.
func (p *plan) require(at itemKey, c condition) {
	c.order = p.conditions
	p.conditions++
	s := p.step(at)
	s.conditions = append(s.conditions, c)
}

// effect is the step of an item that is to be written, by one write only.
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

// add puts an item where there is none.
func (p *plan) add(at itemKey, attributes item, broken func(item) *apikey.Error) {
	p.put(at, attributes)
	p.require(at, condition{expression: isNew, failure: broken})
}

// tally adds up the moves of the counts.
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

// owners are the places of what counts a key: its organization, its policy and
// the user of a personal key.
func (n Names) owners(key apikey.Key) []itemKey {
	owners := []itemKey{n.org(key.Org)}
	if !key.Policy.IsZero() {
		owners = append(owners, n.policy(key.Org, key.Policy))
	}
	if key.Type == apikey.TypePersonal && !key.OnBehalfOf.IsZero() {
		owners = append(owners, n.user(key.Org, key.OnBehalfOf))
	}
	return owners
}

// count moves the counts. An owner that is being deleted, or was before, counts
// nothing any more; a count that missed the keys stays, and so is never below 0.
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

// render gives the steps the form of DynamoDB.
func (p *plan) render() []types.TransactWriteItem {
	var items []types.TransactWriteItem
	for _, s := range slices.Concat(p.steps, p.audits) {
		items = append(items, s.render())
	}
	return items
}
