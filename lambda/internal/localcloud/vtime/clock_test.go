package vtime

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"
)

var start = time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC)

// Sleepers side by side wake in the order of their times, and the clock never goes back.
func TestSleepersWakeInOrder(t *testing.T) {
	k := NewClock(start, false)
	clk := k.Of()
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
			woke = append(woke, clk.Now().Sub(start))
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
	k := NewClock(start, false)
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
	k := NewClock(start, false)
	clk := k.Of()
	ctx := context.WithValue(t.Context(), deadlineKey{}, start.Add(time.Minute))
	if at, ok := clk.Deadline(ctx); !ok || !at.Equal(start.Add(time.Minute)) {
		t.Errorf("deadline %v, %t", at, ok)
	}
	if err := clk.Sleep(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if got := clk.Now().Sub(start); got != time.Minute {
		t.Errorf("the clock moved %v; want one minute", got)
	}
}

func TestSleepEndsWithContext(t *testing.T) {
	k := NewClock(start, false)
	defer k.request()()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := k.sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestTasksAreOrdered(t *testing.T) {
	k := NewAgenda(NewClock(start, false))
	var got []int
	for i, d := range []time.Duration{2, 1, 1, 0} {
		k.After(d*time.Second, func() { got = append(got, i) })
	}
	for {
		task, ok := k.Next()
		if !ok {
			break
		}
		task.Run()
	}
	for i, want := range []int{3, 1, 2, 0} {
		if got[i] != want {
			t.Fatalf("order %v", got)
		}
	}
}
