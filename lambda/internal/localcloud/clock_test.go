package localcloud

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

// Sleepers side by side wake in the order of their times, and the clock never goes back.
func TestSleepersWakeInOrder(t *testing.T) {
	k := newTimekeeper(Start, false)
	clk := k.clock()
	var mu sync.Mutex
	var woke []time.Duration
	var group sync.WaitGroup
	for _, d := range []time.Duration{3 * time.Second, time.Second, 2 * time.Second} {
		group.Go(func() {
			if err := clk.Sleep(t.Context(), d); err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			woke = append(woke, clk.Now().Sub(Start))
		})
	}
	group.Wait()
	for i, want := range []time.Duration{time.Second, 2 * time.Second, 3 * time.Second} {
		if woke[i] != want {
			t.Errorf("woke at %v", woke)
		}
	}
}

func TestSleepWaitsForRequests(t *testing.T) {
	k := newTimekeeper(Start, false)
	done := k.request()
	slept := make(chan struct{})
	go func() {
		defer close(slept)
		_ = k.sleep(context.Background(), time.Hour)
	}()
	select {
	case <-slept:
		t.Error("the clock moved while a request was on its way")
	case <-time.After(50 * pollPause):
	}
	done()
	<-slept
}

func TestVirtualDeadline(t *testing.T) {
	k := newTimekeeper(Start, false)
	clk := k.clock()
	ctx := context.WithValue(t.Context(), deadlineKey{}, Start.Add(time.Minute))
	if at, ok := clk.Deadline(ctx); !ok || !at.Equal(Start.Add(time.Minute)) {
		t.Errorf("deadline %v, %t", at, ok)
	}
	if err := clk.Sleep(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if got := clk.Now().Sub(Start); got != time.Minute {
		t.Errorf("the clock moved %v; want one minute", got)
	}
}

func TestSleepEndsWithContext(t *testing.T) {
	k := newTimekeeper(Start, false)
	defer k.request()()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := k.sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestTasksAreOrdered(t *testing.T) {
	k := newTimekeeper(Start, false)
	var got []int
	for i, d := range []time.Duration{2, 1, 1, 0} {
		k.after(d*time.Second, func() { got = append(got, i) })
	}
	for {
		task, ok := k.next()
		if !ok {
			break
		}
		task.run()
	}
	for i, want := range []int{3, 1, 2, 0} {
		if got[i] != want {
			t.Fatalf("order %v", got)
		}
	}
}

func TestQuota(t *testing.T) {
	b := &bucket{rate: 1, size: 1, tokens: 1, filled: Start}
	at := func(d time.Duration) bool { return b.take(Start.Add(d)) }
	for _, tt := range []struct {
		at   time.Duration
		want bool
	}{{0, true}, {0, false}, {900 * time.Millisecond, false}, {1900 * time.Millisecond, true}, {10 * time.Second, true}, {10 * time.Second, false}} {
		if got := at(tt.at); got != tt.want {
			t.Errorf("at %v: %t", tt.at, got)
		}
	}
}
