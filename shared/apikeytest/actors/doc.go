// Package actors tests the rules of apikey with several callers of different
// rights, who call at random, each in the middle of another's call. After every
// change it checks that nobody holds more than somebody who held it gave them.
//
// It keeps a model of its own, built from the changes that reach the store and
// not from the rules. The model knows who could have seen which key, what
// everybody holds, and for each permission of each key, policy and user, who
// gave it and what the giver held at that moment. Such gifts form a chain from
// a permission to its holder. A chain is sound if whoever completed it, and
// whoever wrote the permission itself, held that permission then. So anyone who
// has seen a key also gets what is added to it later by somebody who holds it.
//
// The times, addresses and services for which a key opens are compared at
// samples of them. The authorizer's decisions are not part of the model.
package actors
