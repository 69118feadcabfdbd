// Package actors tests the rules of apikey with several callers of different
// rights, who call at random, each in the middle of another's call. After every
// change it checks that nobody has more than somebody who held it gave them.
//
// It keeps a model of its own, made from the changes that reach the store and
// not from the rules: who could have seen which key, what everybody holds, and
// for each permission of each key, policy and user who gave it and what the
// giver held at that moment. What a permission passes on its way to somebody is
// a chain of such gifts; the chain is sound where whoever completed it, and
// whoever wrote the permission itself, held that permission then. So everybody
// who has seen a key also has what it is given later, by somebody who holds it.
//
// The times, addresses and services at which a key opens are compared at samples
// of them; the authorizer's decisions are not part of it.
package actors
