"""Networks, boosted trees and linear models beside each other, and what is fitted at once."""
