// Package architecture holds the tests of the house's plan: which package may
// import which, and that everything which repeats the table of operations says
// the same. It contains no other code.
package architecture
