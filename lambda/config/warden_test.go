package config_test

import (
	"fmt"
	"strings"
	"testing"

	"trailkeeper/lambda/config"
)

func TestWardenFieldsAreRead(t *testing.T) {
	whole := config.ExampleWarden()
	whole.LogLevel, whole.LastQueue, whole.DeadLetters = "WARN", whole.FailureQueue, []string{whole.FailureQueue}
	checkFieldsAreRead(t, whole, config.WardenFromEnv,
		[]string{"Mode", "Minutes", "RoleARN", "Stack", "Accounts", "Partition", "FailureQueue"}, []string{"AccountNames"})
}

func TestWardenVariablesAtTheirBounds(t *testing.T) {
	checkBounds(t, config.ExampleWarden(), config.WardenFromEnv, bounds{
		config.EnvFunction:     {[]string{"warden"}, []string{"", "guard"}},
		config.EnvWardenMode:   {[]string{"notify", "restore"}, []string{"", "restart", "recreate"}},
		config.EnvSweepMinutes: {[]string{"1", "60"}, []string{"", "0", "61", "x"}},
		config.EnvStackRegion:  {[]string{"", "eu-west-1"}, []string{"EU", "eu west"}},
	})
}

// TestWardenIsNoGuard: the one program tells which of the two it is, and what is set for the other is named.
func TestWardenIsNoGuard(t *testing.T) {
	guard, warden := config.Example().Env(), config.ExampleWarden().Env()
	if config.IsWarden(func(k string) string { return guard[k] }) || !config.IsWarden(func(k string) string { return warden[k] }) {
		t.Error("the guard is taken for the warden, or the warden for the guard")
	}
	var of []string
	for name, value := range warden {
		of = append(of, name+"="+value)
	}
	if err := config.WardenUnknown(of); err != nil {
		t.Error(err)
	}
	if err := config.WardenUnknown(append(of, "TRAILKEEPER_MODE=restore")); !strings.Contains(fmt.Sprint(err), "no variable of the warden") {
		t.Error(err)
	}
}
