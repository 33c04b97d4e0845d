package modeltest

import (
	"flag"
	"fmt"
	"strings"
	"testing"
)

var (
	seed      = flag.Uint64("model.seed", 0, "first seed")
	histories = flag.Int("model.histories", 0, "how many")
	skip      = flag.String("model.skip", "", "")
	only      = flag.String("model.only", "", "")
	most      = flag.Int("model.most", 6, "")
)

func TestModel(t *testing.T) {
	n := *histories
	if n == 0 {
		n = 1
	}
	byProof := map[Proof]int{}
	for i := range n {
		h := Play(t, Generate(*seed+uint64(i)), NewEngine)
		seen := map[Proof]bool{}
		bad := Check(h)
		if n == 1 {
			if len(bad) > 0 && bad[0].ID != "" {
				fmt.Println(h.Scenario)
				fmt.Println(h.Text(bad[0].ID))
			} else {
				fmt.Println(h.Scenario)
				fmt.Println(h.Text())
			}
			for _, v := range bad {
				fmt.Println(v)
			}
			return
		}
		skipIt := false
		for _, v := range bad {
			if *skip != "" && strings.Contains(v.String(), *skip) {
				skipIt = true
			}
		}
		for _, v := range bad {
			if !seen[v.Proof] && !skipIt {
				byProof[v.Proof]++
				if byProof[v.Proof] < *most && strings.Contains(v.String(), *only) {
					fmt.Println(*seed+uint64(i), v)
				}
			}
			seen[v.Proof] = true
		}
	}
	fmt.Println(byProof)
}
