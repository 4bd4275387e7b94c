// Package faults holds the test that makes every call of the guard go wrong in every way, and wants nothing to be lost
// and nothing to be doubled. It judges by what people see and what queues hold, and knows no scenario.
package faults
