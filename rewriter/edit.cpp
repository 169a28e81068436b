#include "rewriter/edit.hpp"
