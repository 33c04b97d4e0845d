package main

import (
	"strings"
	"unicode/utf8"
)

// table is a Markdown table whose columns are as wide as what is in them, so
// that it can be read as it is.
type table struct {
	head []string
	rows [][]string
}

// add adds a row; the cells that it leaves out are empty.
func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// String formats the table, one line for each row.
func (t *table) String() string {
	widths := make([]int, len(t.head))
	clean := func(cell string) string {
		return strings.ReplaceAll(strings.Join(strings.Fields(cell), " "), "|", `\|`)
	}
	for _, row := range append([][]string{t.head}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], 3, utf8.RuneCountInString(clean(cell)))
		}
	}
	var b strings.Builder
	line := func(cell func(i int) string) {
		for i, width := range widths {
			text := cell(i)
			b.WriteString("| " + text + strings.Repeat(" ", width-utf8.RuneCountInString(text)) + " ")
		}
		b.WriteString("|\n")
	}
	line(func(i int) string { return clean(t.head[i]) })
	line(func(i int) string { return strings.Repeat("-", widths[i]) })
	for _, row := range t.rows {
		line(func(i int) string {
			if i >= len(row) {
				return ""
			}
			return clean(row[i])
		})
	}
	return b.String()
}
