// Package pages holds the checks of everything that people read: each link of
// the pages leads somewhere, each snippet is well formed, each figure was printed
// by a program, and the language is that of the field. It has tests only; what a
// snippet does is checked where it is applied, in package provider.
package pages
