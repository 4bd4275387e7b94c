package render

import (
	"fmt"
	"regexp"
	"sync"

	"trailkeeper/lambda/internal/localcloud"
)

// longestBlock is how many lines in turn may repeat themselves.
const longestBlock = 14

// opens reports whether something begins with an entry: a call of somebody else than the guard, or a schedule.
func opens(e localcloud.Entry) bool {
	return e.Kind == localcloud.KindCall && !e.Function || e.Kind == localcloud.KindFired
}

// fold shows lines that repeat themselves once, where so many of them in turn do.
func fold(all []shown, least, most int) []shown {
	var out []shown
	for i := 0; i < len(all); {
		size, times := repeats(all[i:], least, most)
		block := append([]shown{}, all[i:i+size]...)
		if times > 1 {
			last := &block[size-1]
			until := Offset(all[i+size*times-1].at)
			if size == 1 {
				last.times = times
			}
			last.more += fmt.Sprintf(" (%s%d times, until %s)", theLines(size), times, until)
		}
		out = append(out, block...)
		i += size * times
	}
	return out
}

// repeats finds how often the first lines follow themselves, and how many they are.
func repeats(list []shown, least, most int) (size, times int) {
	for size := least; size <= most; size++ {
		times := 1
		for (times+1)*size <= len(list) && same(list[:size], list[times*size:(times+1)*size]) {
			times++
		}
		if times > 1 && beginsWell(list[:size]) {
			return size, times
		}
	}
	return 1, 1
}

// beginsWell keeps what something begins with from being shown in the middle of lines that repeat themselves.
func beginsWell(block []shown) bool {
	for _, s := range block[1:] {
		if s.opens && !block[0].opens {
			return false
		}
	}
	return true
}

func same(a, b []shown) bool {
	for i := range a {
		if a[i].who != b[i].who || a[i].times != b[i].times || steadily(a[i].what) != steadily(b[i].what) {
			return false
		}
	}
	return true
}

// varying are the durations and event IDs in a message, which differ from one time to the next: "in 812 ms", "3.2 s
// after the event".
var varying = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`[0-9.]+ (ms|s|min)\b|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
})

func steadily(s string) string { return varying().ReplaceAllString(s, "") }

// theLines names the lines that repeat themselves.
func theLines(size int) string {
	switch size {
	case 1:
		return ""
	case 2:
		return "both "
	}
	return fmt.Sprintf("these %d lines ", size)
}
