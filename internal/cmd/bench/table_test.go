package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTable(t *testing.T) {
	t.Parallel()
	made := table{head: []string{"what", "n"}}
	made.add("a | b\nc", "1000")
	made.add("größer")
	want := `| what     | n    |
| -------- | ---- |
| a \| b c | 1000 |
| größer   |      |
`
	if diff := cmp.Diff(want, made.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}
