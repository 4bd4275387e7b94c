package main_test

import (
	"testing"

	"trailkeeper/cdk/cdktest"
)

func TestMain(m *testing.M) { cdktest.Main(m, cdktest.NoStackTraces) }
