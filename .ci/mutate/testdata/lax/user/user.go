// Package user uses package lax.
package user
