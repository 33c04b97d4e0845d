package provider

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// hostileTexts are values that no user means to write, by the words after "is".
var hostileTexts = map[string]string{
	"huge":                    strings.Repeat("x", 100_000),
	"of control characters":   "h-1\n\x1b]0;title\a\u202eback",
	"followed by a space":     "h-1 ",
	"a duration below zero":   "1h-5m",
	"a duration of a float":   "1e3s",
	"of underscores":          "__",
	"a number that overflows": strings.Repeat("9", 30),
}

// hostileNumbers are numbers that no argument means.
var hostileNumbers = map[string]float64{
	"below zero": -1, "a fraction": 0.5, "greater than an integer": 1e30, "as great as a float can be": 1e308,
}

// hostileForms are the forms of a string, of a collection of strings, or of a number, with
// these.
func hostileForms(of tftypes.Type) []form {
	var forms []form
	if of.Is(tftypes.Number) {
		for name, number := range hostileNumbers {
			forms = append(forms, form{name, tftypes.NewValue(of, number), false})
		}
		return forms
	}
	for name, text := range hostileTexts {
		word := tftypes.NewValue(tftypes.String, text)
		switch of := of.(type) {
		case tftypes.List:
			if of.ElementType.Is(tftypes.String) {
				forms = append(forms, form{"a list " + name, tftypes.NewValue(of, []tftypes.Value{word}), false})
			}
		case tftypes.Set:
			if of.ElementType.Is(tftypes.String) {
				forms = append(forms, form{"a set " + name, tftypes.NewValue(of, []tftypes.Value{word}), false})
			}
		case tftypes.Map:
			if of.ElementType.Is(tftypes.String) {
				value := map[string]tftypes.Value{text: word}
				forms = append(forms, form{"a map " + name, tftypes.NewValue(of, value), false})
			}
		default:
			if of.Is(tftypes.String) || of.Is(tftypes.DynamicPseudoType) {
				forms = append(forms, form{name, word, false})
			}
		}
	}
	return append(forms, manyWrong(of)...)
}

// manyWrong is a list of many elements of which each is wrong.
func manyWrong(of tftypes.Type) []form {
	list, ok := of.(tftypes.List)
	if !ok || !list.ElementType.Is(tftypes.String) {
		return nil
	}
	values := make([]tftypes.Value, 2000)
	for i := range values {
		values[i] = tftypes.NewValue(tftypes.String, "h 1")
	}
	return []form{{"2000 times wrong", tftypes.NewValue(of, values), false}}
}
