package simulator

import "testing"

func TestAWireKeepsWhatItLikesUntilAReset(t *testing.T) {
	t.Parallel()
	c := NewCloud("c", Words{}, "r")
	tx := &Tx{cloud: c}
	if got, ok := tx.Kept("key"); ok {
		t.Errorf("got %v before anything was kept, want nothing", got)
	}
	tx.Keep("key", 1)
	if got, _ := tx.Kept("key"); got != 1 {
		t.Errorf("got %v, want 1", got)
	}
	c.Reset()
	if got, ok := tx.Kept("key"); ok {
		t.Errorf("got %v after a reset, want nothing", got)
	}
}
