package credentials

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// script is a source for tests of the cache.
type script struct {
	life time.Duration
	// takes is how long an exchange takes.
	takes time.Duration
	// fail returns the error of the n-th exchange, counted from 1.
	fail func(n int) error

	mu       sync.Mutex
	n        int
	parallel int
	most     int
}

func (*script) String() string { return "the script" }

func (s *script) keys(ctx context.Context) (Set, error) {
	s.mu.Lock()
	s.n++
	n := s.n
	s.parallel++
	s.most = max(s.most, s.parallel)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.parallel--
		s.mu.Unlock()
	}()
	select {
	case <-time.After(s.takes):
	case <-ctx.Done():
		return Set{}, ctx.Err()
	}
	if s.fail != nil {
		if err := s.fail(n); err != nil {
			return Set{}, err
		}
	}
	set := Set{ID: fmt.Sprintf("id-%d", n), Secret: "secret", Source: s.String(), issued: time.Now()}
	if s.life > 0 {
		set.Expires = time.Now().Add(s.life)
	}
	return set, nil
}

func (s *script) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n
}

// get calls keys and returns the id, or the error's text.
func get(t *testing.T, c *cache) string {
	t.Helper()
	set, err := c.keys(t.Context())
	if err != nil {
		return err.Error()
	}
	return set.ID
}

func wantID(t *testing.T, c *cache, want string) {
	t.Helper()
	if got := get(t, c); got != want {
		t.Errorf("at %s: keys are %q, want %q", time.Now().Format(time.TimeOnly), got, want)
	}
}

func wantCount(t *testing.T, s *script, want int) {
	t.Helper()
	if got := s.count(); got != want {
		t.Errorf("%d exchanges, want %d", got, want)
	}
}

func busy() error {
	return &Error{Kind: Unavailable, Source: "the script", Problem: "the token service failed"}
}

func TestTwoHundredCallersExchangeOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{life: time.Hour, takes: 2 * time.Second}
		c := newCache(s, time.Now)
		first, cancel := context.WithCancel(t.Context())
		results := make(chan error, 200)
		go func() {
			_, err := c.keys(first)
			results <- err
		}()
		synctest.Wait()
		for range 199 {
			go func() {
				_, err := c.keys(t.Context())
				results <- err
			}()
		}
		time.Sleep(time.Second)
		cancel()
		if err := <-results; !errors.Is(err, context.Canceled) ||
			err.Error() != "get the keys of the script: context canceled" {
			t.Errorf("the first caller got %v", err)
		}
		for range 199 {
			if err := <-results; err != nil {
				t.Errorf("a caller got %v", err)
			}
		}
		wantCount(t, s, 1)
	})
}

func TestKeysAreRenewedBeforeTheirEnd(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ life, margin time.Duration }{
		{12 * time.Hour, 5 * time.Minute},
		{time.Hour, 5 * time.Minute},
		{15 * time.Minute, 90 * time.Second},
		{time.Minute, 6 * time.Second},
	} {
		t.Run(test.life.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{life: test.life}
				c := newCache(s, time.Now)
				wantID(t, c, "id-1")
				time.Sleep(test.life - test.margin)
				wantID(t, c, "id-1")
				wantCount(t, s, 1)
				time.Sleep(time.Millisecond)
				get(t, c)
				synctest.Wait()
				wantID(t, c, "id-2")
				wantCount(t, s, 2)
			})
		})
	}
}

func TestKeysWithoutAnEndAreKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{}
		c := newCache(s, time.Now)
		wantID(t, c, "id-1")
		time.Sleep(1000 * time.Hour)
		wantID(t, c, "id-1")
		wantCount(t, s, 1)
	})
}

func TestACallerDoesNotWaitForARenewalWhileItsKeysAreGood(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{life: time.Hour, takes: 8 * time.Second}
		c := newCache(s, time.Now)
		wantID(t, c, "id-1")
		time.Sleep(57 * time.Minute)
		began := time.Now()
		wantID(t, c, "id-1")
		if took := time.Since(began); took != 0 {
			t.Errorf("the caller waited for %s", took)
		}
		time.Sleep(9 * time.Second)
		wantID(t, c, "id-2")
		wantCount(t, s, 2)
	})
}

func TestACallerWaitsWhereItsKeysMayEndFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{life: time.Hour, takes: 2 * time.Second}
		c := newCache(s, time.Now)
		wantID(t, c, "id-1")
		time.Sleep(time.Hour - 5*time.Second)
		wantID(t, c, "id-2")
	})
}

func TestRenewalsThatFailWhileKeysAreGood(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{life: time.Hour, fail: func(n int) error {
			if n == 2 || n == 3 {
				return busy()
			}
			return nil
		}}
		c := newCache(s, time.Now)
		wantID(t, c, "id-1")
		time.Sleep(56 * time.Minute)
		for s.count() < 4 {
			wantID(t, c, "id-1")
			time.Sleep(time.Second)
		}
		wantID(t, c, "id-4")
		if left := 4 * time.Minute; time.Since(c.failedAt) > left {
			t.Error("the renewal was tried again after the end of the keys only")
		}
	})
}

func TestRenewalsThatFailUntilTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{life: time.Hour, fail: func(n int) error {
			if n > 1 && n < 100 {
				return busy()
			}
			return nil
		}}
		c := newCache(s, time.Now)
		wantID(t, c, "id-1")
		end := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
		for range 60 * 60 {
			wantID(t, c, "id-1")
			time.Sleep(time.Second)
		}
		wantID(t, c, "the script: the keys ended at "+end+", and their renewal failed: the token service failed")
		if n := s.count(); n < 5 || n > 30 {
			t.Errorf("%d exchanges in the last five minutes, want a few", n)
		}
		before := s.count()
		for range 20 {
			get(t, c)
		}
		if n := s.count() - before; n > 1 {
			t.Errorf("%d exchanges at once: a failure is kept for a moment", n)
		}
		time.Sleep(maxPause)
		get(t, c)
		if s.count() == before {
			t.Error("a failure is kept for too long")
		}
		s.fail = nil
		time.Sleep(maxPause)
		if got := get(t, c); !strings.HasPrefix(got, "id-") {
			t.Errorf("after the service is back: %s", got)
		}
	})
}

func TestTheFirstExchangeFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{life: time.Hour, takes: time.Second, fail: func(n int) error {
			if n == 1 {
				return busy()
			}
			return nil
		}}
		c := newCache(s, time.Now)
		var wait sync.WaitGroup
		for range 50 {
			wait.Go(func() { wantID(t, c, "the script: the token service failed") })
		}
		wait.Wait()
		wantCount(t, s, 1)
		wantID(t, c, "the script: the token service failed")
		wantCount(t, s, 1)
		time.Sleep(firstPause)
		wantID(t, c, "id-2")
	})
}

func TestInvalidateForcesOneRenewal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{life: time.Hour, takes: time.Second}
		c := newCache(s, time.Now)
		old, err := c.keys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		// 200 operations learn at the same time that their keys have expired.
		var wait sync.WaitGroup
		for range 200 {
			wait.Go(func() {
				c.invalidate(old)
				wantID(t, c, "id-2")
			})
		}
		wait.Wait()
		c.invalidate(old)
		wantID(t, c, "id-2")
		wantCount(t, s, 2)
	})
}

func TestKeysThatTheCloudCalledExpiredAreNotUsedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{life: time.Hour, fail: func(n int) error {
			if n == 2 {
				return busy()
			}
			return nil
		}}
		c := newCache(s, time.Now)
		old, err := c.keys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		c.invalidate(old)
		wantID(
			t,
			c,
			"the script: the cloud reports that these keys have expired, and new ones could not be had: the token service "+
				"failed",
		)
		time.Sleep(firstPause)
		wantID(t, c, "id-3")
	})
}

func TestAPanicIsAnErrorOfOneExchange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{life: time.Hour, fail: func(n int) error {
			if n == 1 {
				panic("SECRETone1111")
			}
			return nil
		}}
		c := newCache(s, time.Now)
		_, err := c.keys(t.Context())
		wantText(t, err, "the script: the exchange panicked (string); this is a bug of the provider")
		time.Sleep(firstPause)
		wantID(t, c, "id-2")
	})
}

func TestAnExchangeThatHangsEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sts := &service{cloud: Alicloud, now: time.Now}
		release := make(chan struct{})
		defer close(release)
		sts.before = func(n int) {
			if n == 1 {
				<-release
			}
		}
		c := &computer{sts: sts, now: time.Now}
		chain := New(Alicloud, webConfig(Alicloud, ""), c.system())
		began := time.Now()
		if _, err := chain.Keys(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < attemptLimit || took > attemptLimit+time.Second {
			t.Errorf("it took %s, want the %s of one attempt", took, attemptLimit)
		}
		if sts.count() != 2 {
			t.Errorf("%d calls, want 2", sts.count())
		}
	})
}

func TestACallerWaitsWithItsOwnContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{life: time.Hour, takes: 20 * time.Second}
		c := newCache(s, time.Now)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		_, err := c.keys(ctx)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error is %v", err)
		}
		wantID(t, c, "id-1")
		wantCount(t, s, 1)
	})
}
